import { seededRandom } from "../../../../training/gate/statistics/random.ts";
import { ownPredictions } from "../../../../training/own-predictions.ts";
import type { Snapshot } from "../../../../training/snapshot.ts";
import * as graphs from "./graphs.ts";
import { firstRows, type Scene, type Weights, withCells } from "./scene.ts";

/** Something wrong with a model, its data or its champion, and the check that must say so. */
export interface Mutant {
  readonly name: string;
  /** Key of the check. */
  readonly check: string;
  /** `fail` unless told. */
  readonly outcome?: "inconclusive";
  mutate(scene: Scene): void;
}

const weights = (
  { coefficients, intercept }: Weights,
  change: (weight: number, column: number) => number,
): Weights => ({
  coefficients: coefficients.map((weight, column) => change(weight, column)),
  intercept,
});
const scaled = (model: Weights, factor: number): Weights => ({
  ...weights(model, (weight) => weight * factor),
  intercept: model.intercept * factor,
});
/** Without the two features that tell most. */
const blind = (model: Weights): Weights => weights(model, (weight, i) => (i === 4 || i === 5 ? 0 : weight));
const shifted = (model: Weights, by: number): Weights => ({ ...model, intercept: model.intercept + by });
/** A model that is served as it was trained: parity has nothing to say about it. */
const use = (scene: Scene, model: Weights) => {
  scene.model = model;
  scene.stored = ownPredictions(model, scene.evaluation);
};
const column = (snapshot: Snapshot, name: string, row: number) =>
  snapshot.features[row * snapshot.columns.length + snapshot.columns.indexOf(name)] as number;
const relabel = (snapshot: Snapshot, label: (label: number, row: number) => number): Snapshot => ({
  ...snapshot,
  labels: snapshot.labels.map((was, row) => label(was, row)),
});
/** The first rows of the training data in place of the first of the evaluation. */
const leaked = (scene: Scene, rows: number): Snapshot => {
  const features = scene.evaluation.features.slice();
  features.set(scene.training.features.subarray(0, rows * scene.training.columns.length));
  return { ...scene.evaluation, features };
};

export const MUTANTS: readonly Mutant[] = [
  { name: "labels swapped", check: "accuracy", mutate: (s) => use(s, scaled(s.model, -1)) },
  {
    name: "label output inverted, probabilities right",
    check: "accuracy",
    mutate: (s) => {
      s.graph = graphs.invertedLabels;
    },
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
    name: "a group too small to judge",
    check: "slices.f0.accuracy",
    outcome: "inconclusive",
    mutate: (s) => {
      s.policy.slices = { f0: { column: "f0", cuts: [-2.5], accuracy: { min: 0.8 } } };
    },
  },
  {
    name: "brittle: a wave of the score",
    check: "robustness.noise.flips",
    mutate: (s) => {
      s.graph = graphs.brittle;
    },
  },
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
  {
    name: "slow, one row",
    check: "latency.single.p95",
    mutate: (s) => {
      s.graph = graphs.slow(60);
    },
  },
  {
    name: "slow, 64 rows",
    check: "latency.throughput",
    mutate: (s) => {
      s.graph = graphs.slow(60);
    },
  },
  {
    name: "answers NaN",
    check: "schema.finite",
    mutate: (s) => {
      s.graph = graphs.logarithm;
    },
  },
  {
    name: "answers infinity",
    check: "schema.finite",
    mutate: (s) => {
      s.graph = graphs.overflow;
    },
  },
  {
    name: "answers scores for probabilities",
    check: "schema.answers",
    mutate: (s) => {
      s.graph = graphs.rawScores;
    },
  },
  {
    name: "answers labels 0 and 2",
    check: "schema.answers",
    mutate: (s) => {
      s.graph = graphs.otherLabels;
    },
  },
  {
    name: "probabilities do not sum to 1",
    check: "schema.probabilitySum",
    mutate: (s) => {
      s.graph = graphs.scaledProbabilities(0.999);
    },
  },
  {
    name: "takes a feature less",
    check: "schema.signature",
    mutate: (s) => {
      s.model = { ...s.model, coefficients: s.model.coefficients.slice(0, 9) };
      s.columns = ["a", ...s.columns.slice(1, 9)];
    },
  },
  {
    name: "columns in another order than the champion's",
    check: "schema.signature",
    mutate: (s) => {
      s.columns = s.columns.toReversed();
    },
  },
  {
    name: "columns named in the wrong order",
    check: "accuracy",
    mutate: (s) => {
      s.columns = s.columns.toReversed();
    },
  },
  {
    name: "operator of a vendor",
    check: "schema.operators",
    mutate: (s) => {
      s.graph = graphs.vendorOperator;
    },
  },
  {
    name: "operator of a vendor in a branch",
    check: "schema.operators",
    mutate: (s) => {
      s.graph = graphs.hiddenVendorOperator;
    },
  },
  {
    name: "weights in an external file",
    check: "schema.externalData",
    mutate: (s) => {
      s.graph = graphs.externalWeights("../../weights.bin");
    },
  },
  {
    name: "artifact too large",
    check: "schema.sizeMiB",
    mutate: (s) => {
      s.files = { "ballast.bin": new Uint8Array(4 * 2 ** 20) };
    },
  },
  {
    name: "file cut short",
    check: "runs",
    mutate: (s) => {
      s.policy.schema = {};
      s.files = { "model.onnx": new Uint8Array([8, 8, 18]) };
    },
  },
  {
    name: "served otherwise than trained",
    check: "parity.flips",
    mutate: (s) => {
      s.model = shifted(s.model, 0.1);
    },
  },
  {
    name: "served a little otherwise",
    check: "parity.difference",
    mutate: (s) => {
      s.model = shifted(s.model, 1e-3);
    },
  },
  {
    name: "no predictions stored",
    check: "parity.flips",
    outcome: "inconclusive",
    mutate: (s) => {
      s.stored = "the trainer stored none";
    },
  },
  {
    name: "too few rows",
    check: "data.rows",
    mutate: (s) => {
      s.evaluation = firstRows(s.evaluation, 299);
    },
  },
  {
    name: "one leaked row",
    check: "data.leakage",
    mutate: (s) => {
      s.evaluation = leaked(s, 1);
    },
  },
  {
    name: "leaked rows with other labels",
    check: "data.leakage",
    mutate: (s) => {
      s.evaluation = relabel(leaked(s, 8), (label, row) => (row < 8 ? 1 - (s.training.labels[row] as number) : label));
    },
  },
  {
    name: "shifted feature",
    check: "data.drift.psi",
    mutate: (s) => {
      s.evaluation = withCells(s.evaluation, (value, name) => (name === "f2" ? value + 1 : value));
    },
  },
  {
    name: "stretched feature",
    check: "data.drift.ks",
    mutate: (s) => {
      s.evaluation = withCells(s.evaluation, (value, name) => (name === "f8" ? value * 2 : value));
    },
  },
  {
    name: "feature is constant",
    check: "data.drift.ks",
    mutate: (s) => {
      s.evaluation = withCells(s.evaluation, (value, name) => (name === "f8" ? 0 : value));
    },
  },
  {
    name: "sample too small for drift",
    check: "data.drift.psi",
    outcome: "inconclusive",
    mutate: (s) => {
      s.reference = firstRows(s.reference, 99);
    },
  },
];

/** Random noise on the weights until the model is one standard error of the accuracy worse than the scene's. */
function oneErrorWorse({ model, evaluation }: Scene): Weights {
  const random = seededRandom(3);
  const right = (candidate: Weights) =>
    ownPredictions(candidate, evaluation).labels.reduce(
      (sum, label, row) => sum + Number(label === evaluation.labels[row]),
      0,
    );
  const best = right(model);
  const error = Math.round(Math.sqrt((best * (evaluation.rows - best)) / evaluation.rows));
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const candidate = weights(model, (weight) => weight + 0.25 * random.normal());
    if (best - right(candidate) === error) return candidate;
  }
  throw new Error("no such model was found");
}
