import { withGraph } from "../suite.ts";
import * as changes from "./task-changes.ts";
import type { TaskMutant, TaskScene } from "./task-scene.ts";

interface Inputs {
  readonly signature: { readonly inputs: string };
}

type Column = { readonly name: string; readonly required: boolean };
const withInputs = (scene: TaskScene, change: (columns: Column[]) => Column[]) => {
  scene.mlmodel = (content: Inputs) => ({
    ...content,
    signature: {
      ...content.signature,
      inputs: JSON.stringify(change(JSON.parse(content.signature.inputs) as Column[])),
    },
  });
};

/** Mutants with wrong files and data, for any task. */
export const OF_ANY_TASK: readonly TaskMutant[] = [
  { name: "NaN for some rows", check: "schema.finite", mutate: withGraph(changes.nanForSome) },
  {
    name: "columns in another order than the champion's",
    check: "schema.signature",
    mutate: (s) => withInputs(s, (columns) => columns.toReversed()),
  },
  { name: "operator of a vendor", check: "schema.operators", mutate: withGraph(changes.vendorOperator) },
  { name: "weights in an external file", check: "schema.externalData", mutate: withGraph(changes.externalWeights) },
  {
    name: "artifact too large",
    check: "schema.sizeMiB",
    mutate: (s) => {
      s.files = { "ballast.bin": new Uint8Array(2 ** 21) };
    },
  },
  {
    name: "file cut short",
    check: "runs",
    mutate: (s) => {
      s.files = { "model.onnx": new Uint8Array([8, 8, 18]) };
    },
  },
  {
    name: "no predictions stored",
    check: "parity.difference",
    outcome: "inconclusive",
    mutate: (s) => {
      s.stored = "the trainer stored none";
    },
  },
  {
    name: "weights rounded to halves",
    check: "parity.difference",
    mutate: (s) => {
      s.model = changes.halved(s.model);
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
    name: "slow",
    check: "latency.single.p95",
    mutate: (s) => {
      s.evaluation = changes.firstRows(s.evaluation, 64);
      s.graph = changes.slow(300);
    },
  },
  {
    name: "no cell may be missing where missing cells are to be tried",
    check: "robustness.nulls.OF_TASK",
    outcome: "inconclusive",
    mutate: (s) => {
      s.evaluation = changes.withColumn(s.evaluation, "town", (cell) => cell ?? "old town");
      withInputs(s, (columns) => columns.map((column) => ({ ...column, required: true })));
    },
  },
  {
    name: "too few rows",
    check: "data.rows",
    mutate: (s) => {
      s.evaluation = changes.firstRows(s.evaluation, 499);
    },
  },
  {
    name: "one leaked row",
    check: "data.leakage",
    mutate: (s) => {
      s.evaluation = changes.leaked(s, 1);
    },
  },
  {
    name: "leaked rows with other truths",
    check: "data.leakage",
    mutate: (s) => {
      s.evaluation = changes.withTruth(
        changes.leaked(s, 8),
        (_, row) => s.evaluation.truth[(row + 8) % s.evaluation.rows] ?? [],
      );
    },
  },
  {
    name: "shifted feature",
    check: "data.drift.psi",
    mutate: (s) => {
      s.evaluation = changes.withColumn(s.evaluation, "f2", (cell) => Number(cell) + 1);
    },
  },
  {
    name: "a category that is more frequent",
    check: "data.drift.psi",
    mutate: (s) => {
      s.evaluation = changes.withColumn(s.evaluation, "plan", (cell, row) => (row % 2 === 0 ? "pro" : cell));
    },
  },
  {
    name: "values that are missing",
    check: "data.drift.psi",
    mutate: (s) => {
      s.evaluation = changes.withColumn(s.evaluation, "town", (cell, row) => (row % 2 === 0 ? null : cell));
    },
  },
  {
    name: "older people",
    check: "data.drift.ks",
    mutate: (s) => {
      s.evaluation = changes.withColumn(s.evaluation, "age", (cell) => Math.min(60, Number(cell) + 10));
    },
  },
  {
    name: "sample too small for drift",
    check: "data.drift.ks",
    outcome: "inconclusive",
    mutate: (s) => {
      s.reference = changes.firstRows(s.reference, 99);
    },
  },
];

/** Only the plan matters, as in a model that has memorized one column. */
export const byPlan = (scene: TaskScene) =>
  changes.weights(scene.model, (weight, feature, output) => {
    if (feature < 0) return weight;
    if (feature < 5 || feature > 7) return weight / 10;
    return feature - 5 === output ? 8 : 0;
  });
