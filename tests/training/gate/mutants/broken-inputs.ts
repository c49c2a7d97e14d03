import { leaked, type Mutant, relabel, shifted } from "./change.ts";
import * as graphs from "./graphs.ts";
import { firstRows, withCells } from "./scene.ts";
import { withGraph } from "./suite.ts";

/** Mutants with wrong files, predictions and data. */
export const BROKEN_INPUTS: readonly Mutant[] = [
  { name: "answers NaN", check: "schema.finite", mutate: withGraph(graphs.logarithm) },
  { name: "answers infinity", check: "schema.finite", mutate: withGraph(graphs.overflow) },
  { name: "answers scores for probabilities", check: "schema.probabilitySum", mutate: withGraph(graphs.rawScores) },
  { name: "answers labels 0 and 2", check: "schema.answers", mutate: withGraph(graphs.otherLabels) },
  {
    name: "probabilities do not sum to 1",
    check: "schema.probabilitySum",
    mutate: withGraph(graphs.scaledProbabilities(0.999)),
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
  { name: "operator of a vendor", check: "schema.operators", mutate: withGraph(graphs.vendorOperator) },
  {
    name: "operator of a vendor in a branch",
    check: "schema.operators",
    mutate: withGraph(graphs.hiddenVendorOperator),
  },
  {
    name: "weights in an external file",
    check: "schema.externalData",
    mutate: withGraph(graphs.externalWeights("../../weights.bin")),
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
    name: "champion's files swapped for a weak model",
    check: "champion.files",
    mutate: (s) => {
      s.champion = { ...s.model, coefficients: s.model.coefficients.map(() => 0) };
      s.championChanged = "artifact changed";
    },
  },
  {
    name: "champion that cannot be read",
    check: "schema.signature",
    outcome: "inconclusive",
    mutate: (s) => {
      s.championChanged = "artifact changed";
    },
  },
  {
    name: "groups by a column that is misspelt, where inconclusive passes",
    check: "slices.f0.accuracy",
    mutate: (s) => {
      s.policy.inconclusive = "pass";
      s.policy.slices = { f0: { column: "f00", accuracy: { min: 0.5 } } };
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
