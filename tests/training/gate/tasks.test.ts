import { expect, test } from "vitest";
import type { Table } from "../../../data/table.ts";
import { judgeData } from "../../../training/gate/checks/data.ts";
import { featureDrift } from "../../../training/gate/checks/drift.ts";
import { performancePolicy } from "../../../training/gate/checks/metric-policy.ts";
import { judgeParity } from "../../../training/gate/checks/parity.ts";
import { judgePerformance } from "../../../training/gate/checks/performance.ts";
import { slicesPolicy } from "../../../training/gate/checks/slice-policy.ts";
import type { Evaluation } from "../../../training/gate/evaluation.ts";
import { groupsOf } from "../../../training/gate/groups.ts";
import type { RegressionRows } from "../../../training/gate/metrics/answered-rows.ts";
import { metricsOf } from "../../../training/gate/metrics/metrics-of.ts";
import { perturbed } from "../../../training/gate/perturbed.ts";
import { countOf, sharedRows } from "../../../training/gate/shared-rows.ts";
import { parsePredictions } from "../../../training/gate/stored-predictions.ts";
import { TaskMismatch, taskOf } from "../../../training/gate/task-of.ts";
import { judgeSlices } from "./evaluation-with.ts";

const about = { sumError: 0, samples: [] };
const species = ["Adelie", "Chinstrap", "Gentoo"];

/** Three classes: one of two Chinstraps is predicted as an Adelie. */
const labels = Int32Array.of(0, 0, 1, 1, 2, 2, 2, 2);
const predicted = Int32Array.of(0, 0, 1, 0, 2, 2, 2, 2);
const rows = { rows: 8, labels, predicted, epsilon: 2 ** -52 };
const classes = { ...rows, task: "multiclass", classes: species } as const;
const multiclass: Evaluation = { ...classes, ...about, metrics: metricsOf(classes), without: "no probabilities" };

const values: RegressionRows = {
  task: "regression",
  rows: 4,
  targets: ["price"],
  truth: Float64Array.of(1, 2, 3, 4),
  predicted: Float64Array.of(2, 3, 3, 4),
};
const regression: Evaluation = { ...values, ...about, metrics: metricsOf(values) };

const table: Table = {
  rows: 8,
  fields: [
    { name: "island", type: "string", nullable: true },
    { name: "age", type: "int32", nullable: false },
    { name: "mass", type: "float32", nullable: true },
    { name: "tagged", type: "boolean", nullable: false },
  ],
  columns: [
    { kind: "text", codes: Int32Array.of(0, 0, 0, 1, 1, 1, -1, 1), dictionary: ["Biscoe", "Dream"] },
    { kind: "number", data: Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8), offset: 0, stride: 1 },
    { kind: "number", data: Float32Array.of(1, 2, 3, Number.NaN, 5, 6, 7, 8), offset: 0, stride: 1 },
    { kind: "number", data: Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 0), offset: 0, stride: 1 },
  ],
};
const snapshot = { path: "p.csv", md5: "m", rows: 8, table, truth: undefined, unfit: new Map() };

test("the task follows from the predictions, the named classes and the policy, without confusing tasks", () => {
  const of = (names?: readonly string[]) => ({ classAnswers: { classes: names, width: names?.length ?? 2 } });
  expect(taskOf({}, undefined)).toBe("regression");
  expect(taskOf(of(["a", "b"]), undefined)).toBe("binary");
  expect(taskOf(of(), undefined)).toBe("binary");
  expect(taskOf(of(species), undefined)).toBe("multiclass");
  expect(taskOf(of(), undefined, { classes: species })).toBe("multiclass");
  expect(taskOf(of(species), undefined, { classes: ["a", "b"] })).toBe("binary");
  expect(taskOf(of(), "multiclass")).toBe("multiclass");
  expect(() => taskOf(of(), "regression")).toThrow(TaskMismatch);
  expect(() => taskOf({}, "binary")).toThrow("the model returns numbers instead of labels, but gate.task is binary");
  expect(() => taskOf({}, undefined, { classes: ["a", "b"] })).toThrow("data.classes names classes");
});

test("bounds for one of several classes, and for a metric that the task does not define", () => {
  const judge = (policy: object, evaluation: Evaluation = multiclass) =>
    judgePerformance(evaluation, performancePolicy.parse(policy)).map(({ outcome, detail }) => `${outcome}: ${detail}`);
  expect(judge({ accuracy: { min: 0.9 }, macroRecall: { min: 0.8 } })).toEqual([
    "fail: accuracy 0.875 < 0.90 required",
    "pass: macro recall 0.833333 >= 0.80 required",
  ]);
  expect(judge({ classes: { Chinstrap: { recall: { min: 0.6 } }, Emperor: { recall: { min: 0 } } } })).toEqual([
    "fail: recall of Chinstrap 0.50 < 0.60 required",
    "fail: performance.classes.Emperor.recall: class Emperor does not exist; the classes are Adelie, Chinstrap, Gentoo",
  ]);
  expect(judge({ logLoss: { max: 1 }, rmse: { max: 1 } })).toEqual([
    "fail: log loss is not defined: no probabilities",
    "fail: RMSE is not defined for the task multiclass: it is a metric for regression",
  ]);
  expect(judge({ precision: { min: 0.9 } })).toEqual([
    "fail: precision is not defined for the task multiclass: it is a metric for binary. Use macroPrecision, or performance.classes.<class>.precision for one class",
  ]);
  expect(judge({ rmse: { max: 0.5 }, meanError: { min: -0.1, max: 0.6 } }, regression)).toEqual([
    "fail: RMSE 0.707107 > 0.50 allowed",
    "pass: mean error (bias) 0.50 >= -0.10 required",
    "pass: mean error (bias) 0.50 <= 0.60 allowed",
  ]);
  // A model that returns only numbers is evaluated as a regressor.
  expect(judge({ accuracy: { min: 0.5 } }, regression)).toEqual([
    'fail: accuracy is not defined for the task regression: it is a metric for binary and multiclass. If the model\'s numbers are scores of classes, log it with metadata={"prediction": {"task": "classification"}}',
  ]);
});

test("values and intervals are weighted", () => {
  const weights = Float64Array.of(1, 1, 1, 100, 1, 1, 1, 1);
  const weighted = { ...multiclass, metrics: metricsOf(classes, weights), weights };
  const [check] = judgePerformance(weighted, performancePolicy.parse({ accuracy: { min: 0.5, confidence: 0.9 } }));
  expect(check).toMatchObject({ outcome: "fail", value: 7 / 107, why: expect.stringContaining("0 of 1 rows") });
});

test("groups are texts, booleans, numbers and missing values", () => {
  const names = (column: string, more = {}) => {
    const groups = groupsOf(snapshot, { column, ...more });
    return typeof groups === "string" ? groups : groups.map(({ name, rows: of }) => `${name}: ${of}`);
  };
  expect(names("island")).toEqual(["island = Biscoe: 0,1,2", "island = Dream: 3,4,5,7", "island is missing: 6"]);
  expect(names("tagged")).toEqual(["tagged = false: 1,3,5,7", "tagged = true: 0,2,4,6"]);
  expect(names("mass", { cuts: [4] })).toEqual(["mass <= 4: 0,1,2", "mass > 4: 4,5,6,7", "mass is missing: 3"]);
  expect(names("island", { cuts: [4] })).toBe(
    "column island of p.csv holds texts: cuts and quantiles require numbers or dates",
  );
});

test("slices of every task; a rate that the task does not define fails", () => {
  const judge = (evaluation: Evaluation, terms: object) =>
    judgeSlices(evaluation, snapshot, slicesPolicy.parse({ s: { column: "tagged", minSize: 1, ...terms } })).results;
  expect(judge(multiclass, { accuracy: { min: 0.9 }, demographicParity: { max: 1 } })).toMatchObject([
    { check: "slices.s.demographicParity", outcome: "fail", detail: expect.stringContaining("the task multiclass") },
    { check: "slices.s.accuracy", outcome: "fail", value: 0.75 },
  ]);
  const eight: RegressionRows = {
    task: "regression",
    rows: 8,
    targets: ["price"],
    truth: new Float64Array(8),
    predicted: Float64Array.of(1, 0, 1, 0, 1, 0, 1, 0),
  };
  const found = judge(
    { ...eight, ...about, metrics: {} },
    { meanErrorDifference: { max: 0.5 }, rmseDifference: { max: 2 } },
  );
  expect(found).toMatchObject([
    { check: "slices.s.meanErrorDifference", outcome: "fail", value: 1 },
    { check: "slices.s.rmseDifference", outcome: "pass", value: 1 },
  ]);
});

test("noise keeps integers, and does not change texts, booleans and missing values; means fill cells", () => {
  const noisy = perturbed(table, { kind: "noise", amount: 0.5, seed: 1 })(0, 8);
  const [island, age, mass, tagged] = noisy.columns;
  expect(island).toEqual(table.columns[0]);
  expect(tagged).toMatchObject({ data: table.columns[3]?.kind === "number" && table.columns[3].data });
  if (age?.kind !== "number" || mass?.kind !== "number") throw new Error("columns of numbers were expected");
  expect(age.data).toBeInstanceOf(Int32Array);
  expect([...age.data]).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(mass.data[3]).toBeNaN();
  expect(mass.data[0]).not.toBe(1);
  const filled = perturbed(table, { kind: "missing", amount: 1, seed: 1 })(0, 8).columns;
  expect(filled[0]).toMatchObject({ codes: new Int32Array(8).fill(1) });
  expect(filled[1]).toMatchObject({ data: new Int32Array(8).fill(5) });
  expect(filled[2]).toMatchObject({ data: new Float32Array(8).fill(32 / 7) });
});

test("rows are compared at the model's precision, regardless of the codes of their texts", () => {
  const other: Table = {
    rows: 2,
    fields: table.fields,
    columns: [
      { kind: "text", codes: Int32Array.of(0, 1), dictionary: ["Dream", "Biscoe"] },
      { kind: "number", data: Int32Array.of(5, 1), offset: 0, stride: 1 },
      { kind: "number", data: Float64Array.of(5 + 1e-9, -0), offset: 0, stride: 1 },
      { kind: "number", data: Uint8Array.of(1, 1), offset: 0, stride: 1 },
    ],
  };
  expect(countOf(sharedRows(other, table))).toBe(1);
  const zero = {
    ...table,
    columns: table.columns.map((column, place) =>
      place === 2 && column.kind === "number" ? { ...column, data: Float32Array.of(0, 2, 3, 4, 5, 6, 7, 8) } : column,
    ),
  };
  expect(countOf(sharedRows(other, zero))).toBe(2);
});

test("drift of texts and missing values is measured with the same bins; only numbers have a Kolmogorov-Smirnov test", () => {
  const column = (of: (row: number) => number): Table => ({
    rows: 200,
    fields: [
      { name: "island", type: "string", nullable: true },
      { name: "age", type: "int32", nullable: false },
    ],
    columns: [
      { kind: "text", codes: Int32Array.from({ length: 200 }, (_, row) => of(row)), dictionary: ["Biscoe", "Dream"] },
      { kind: "number", data: Int32Array.from({ length: 200 }, (_, row) => row % 50), offset: 0, stride: 1 },
    ],
  });
  const drift = (of: (row: number) => number) =>
    featureDrift(
      column(of),
      column((row) => row % 2),
    );
  const [same, age] = drift((row) => row % 2);
  expect(same).toMatchObject({ feature: "island", psi: 0, labels: expect.arrayContaining(["Biscoe", "Dream"]) });
  expect(same?.ks).toBeUndefined();
  expect(age).toMatchObject({ feature: "age", psi: 0, ks: 0, pValue: 1, adjusted: 1 });
  expect(drift(() => 1)[0]?.psi).toBeGreaterThan(1);
  expect(drift((row) => (row % 4 === 0 ? -1 : row % 2))[0]?.psi).toBeGreaterThan(0.5);
});

test("drift is inconclusive for a model that takes only tensors", () => {
  const image = { name: "image", type: "float32", shape: [2, 2], nullable: false } as const;
  const data = new Float32Array(100 * 4);
  const images: Table = { rows: 100, fields: [image], columns: [{ kind: "number", data, offset: 0, stride: 4 }] };
  const signature = { inputs: [image], isNamed: true };
  const both = { ...snapshot, rows: 100, table: images };
  const policy = { drift: { psi: { max: 0.1 }, ks: { alpha: 0.01 } } };
  expect(judgeData({ evaluation: both, reference: both, signature }, policy).results).toMatchObject([
    {
      check: "data.drift.psi",
      outcome: "inconclusive",
      detail: expect.stringContaining("all inputs of the model are tensors"),
    },
    { check: "data.drift.ks", outcome: "inconclusive" },
  ]);
});

test("stored predictions: class names, and numbers", () => {
  const policy = { flips: { max: 0 }, difference: { max: 0.1 } };
  const outcomes = (evaluation: Evaluation, csv: string) =>
    judgeParity(evaluation, parsePredictions(csv, "p"), policy).map(({ outcome, value }) => [outcome, value]);
  const names = ["Adelie", "Adelie", "Chinstrap", "Adelie", "Gentoo", "Gentoo", "Gentoo", '"Gentoo"'];
  expect(outcomes(multiclass, `label\n${names.join("\n")}\n`)).toEqual([
    ["pass", 0],
    ["inconclusive", undefined],
  ]);
  expect(outcomes(multiclass, `label\n${names.with(0, "Emperor").join("\n")}\n`)[0]).toEqual(["fail", 1 / 8]);
  expect(outcomes(regression, "prediction\n2\n3\n3.5\n4\n")).toEqual([
    ["inconclusive", undefined],
    ["fail", 0.5],
  ]);
  expect(outcomes(multiclass, "prediction\n1\n")[0]).toEqual(["inconclusive", undefined]);
});
