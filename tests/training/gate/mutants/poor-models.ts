import { ownPredictions } from "../../../../training/own-predictions.ts";
import { blind, column, type Mutant, oneErrorWorse, relabel, scaled, shifted, use, weights } from "./change.ts";
import * as graphs from "./graphs.ts";
import { firstRows } from "./scene.ts";
import { withGraph } from "./suite.ts";

/** Models that are inaccurate overall or for a group, not robust, or slow. */
export const POOR_MODELS: readonly Mutant[] = [
  { name: "labels swapped", check: "accuracy", mutate: (s) => use(s, scaled(s.model, -1)) },
  {
    name: "label output inverted, probabilities right",
    check: "schema.answers",
    mutate: withGraph(graphs.invertedLabels),
  },
  {
    name: "constant model",
    check: "performance.balancedAccuracy",
    mutate: (s) => use(s, { ...scaled(s.model, 0), intercept: -1 }),
  },
  {
    name: "too few rows for the bound",
    check: "performance.accuracy",
    mutate: (s) => {
      s.evaluation = firstRows(s.evaluation, 40);
    },
  },
  { name: "threshold too low", check: "performance.precision", mutate: (s) => use(s, shifted(s.model, 1)) },
  { name: "threshold too high", check: "performance.recall", mutate: (s) => use(s, shifted(s.model, -1)) },
  {
    name: "too good to be true",
    check: "performance.f1",
    mutate: (s) => {
      const { labels } = ownPredictions(s.model, s.evaluation);
      s.evaluation = { ...s.evaluation, labels };
    },
  },
  {
    name: "ranks by the wrong features",
    check: "performance.rocAuc",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (_, i) => s.model.coefficients[9 - i] as number),
      ),
  },
  {
    name: "ranks positives badly",
    check: "performance.prAuc",
    mutate: (s) => use(s, blind(s.model)),
  },
  { name: "overconfident", check: "performance.logLoss", mutate: (s) => use(s, scaled(s.model, 6)) },
  { name: "underconfident", check: "performance.brier", mutate: (s) => use(s, scaled(s.model, 0.1)) },
  { name: "miscalibrated", check: "performance.calibrationError", mutate: (s) => use(s, scaled(s.model, 3)) },
  {
    name: "champion far better",
    check: "champion.accuracy",
    mutate: (s) => {
      s.champion = s.model;
      use(s, blind(s.model));
    },
  },
  {
    name: "champion better by one standard error",
    check: "champion.accuracy",
    outcome: "inconclusive",
    mutate: (s) => {
      s.champion = s.model;
      use(s, oneErrorWorse(s));
    },
  },
  {
    name: "champion better calibrated",
    check: "champion.logLoss",
    mutate: (s) => {
      s.champion = s.model;
      use(s, scaled(s.model, 4));
    },
  },
  {
    name: "champion ranks better",
    check: "champion.rocAuc",
    mutate: (s) => {
      s.champion = s.model;
      use(s, blind(s.model));
    },
  },
  {
    name: "first model where one is not allowed",
    check: "champion.first",
    mutate: (s) => {
      s.champion = undefined;
    },
  },
  {
    name: "one bad group",
    check: "slices.f0.accuracy",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) =>
        column(s.evaluation, "f0", row) > 0 && row % 8 === 0 ? 1 - label : label,
      );
    },
  },
  {
    name: "selects by group",
    check: "slices.f0.demographicParity",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (w, i) => (i === 0 ? w + 3 : w)),
      ),
  },
  {
    name: "errs by group",
    check: "slices.f0.equalizedOdds",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (w, i) => (i === 0 ? w + 3 : w)),
      ),
  },
  {
    name: "groups of different accuracy",
    check: "slices.f0.accuracyDifference",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) =>
        column(s.evaluation, "f0", row) > 0 && row % 4 === 0 ? 1 - label : label,
      );
    },
  },
  {
    name: "cries wolf in one group",
    check: "slices.f0.precisionDifference",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) =>
        column(s.evaluation, "f0", row) > 0 && row % 3 === 0 ? 0 : label,
      );
    },
  },
  {
    name: "misses positives in one group",
    check: "slices.f0.truePositiveRateDifference",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) =>
        column(s.evaluation, "f0", row) > 0 && row % 3 === 0 ? 1 : label,
      );
    },
  },
  {
    name: "false alarms by group",
    check: "slices.f0.falsePositiveRateDifference",
    mutate: (s) =>
      use(
        s,
        weights(s.model, (w, i) => (i === 0 ? w + 3 : w)),
      ),
  },
  {
    name: "bad only where two groups meet",
    check: "slices.both.accuracy",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) =>
        column(s.evaluation, "f0", row) > 0 && column(s.evaluation, "f1", row) > 0 && row % 3 === 0 ? 1 - label : label,
      );
    },
  },
  {
    name: "too few positive rows in a group",
    check: "slices.f0.equalizedOdds",
    outcome: "inconclusive",
    mutate: (s) => {
      s.evaluation = relabel(s.evaluation, (label, row) => (column(s.evaluation, "f0", row) > 0.1 ? 0 : label));
      s.policy.slices = { f0: { column: "f0", cuts: [0], minSize: 30, equalizedOdds: { max: 1 } } };
    },
  },
  {
    name: "a group too small to judge",
    check: "slices.f0.accuracy",
    outcome: "inconclusive",
    mutate: (s) => {
      s.policy.slices = { f0: { column: "f0", cuts: [-2.5], accuracy: { min: 0.8 } } };
    },
  },
  { name: "brittle: a wave of the score", check: "robustness.noise.flips", mutate: withGraph(graphs.brittle) },
  {
    name: "hangs on one cell",
    check: "robustness.missing.flips",
    mutate: (s) => {
      use(
        s,
        weights(s.model, () => 3),
      );
      s.policy.robustness = { missing: { share: 0.05, flips: { max: 0.03 } } };
    },
  },
  { name: "slow, one row", check: "latency.single.p95", mutate: withGraph(graphs.slow(900)) },
  {
    name: "slow, 64 rows",
    check: "latency.throughput",
    mutate: (s) => {
      // Five times slower than allowed, on a processor on which 60 layers meet the bound.
      s.graph = graphs.slow(480);
    },
  },
];
