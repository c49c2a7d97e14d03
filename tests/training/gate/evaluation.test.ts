import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPredictor, type Predictor, PredictorError } from "../../../service/predictor/predictor.ts";
import { confusionOf } from "../../../training/gate/confusion-counts.ts";
import { type EvaluationDetails, evaluate as evaluateAs } from "../../../training/gate/evaluation.ts";
import type { BinaryRows } from "../../../training/gate/metrics/answered-rows.ts";
import type { Snapshot } from "../../../training/snapshot.ts";
import { toSnapshot } from "../../helpers/number-rows.ts";
import { binaryPrediction, floats } from "../../service/helpers/tables.ts";
import { INTERCEPT, mlmodelOf, testModel, WEIGHTS } from "../../service/helpers/test-model.ts";

const ROWS = [
  [1, 2, 3],
  [-1, 0.5, -0.25],
  [0.1, 0.2, 0.3],
  [-2, 1, 0],
];
const score = (row: readonly number[]) => row.reduce((sum, x, index) => sum + x * (WEIGHTS[index] ?? 0), INTERCEPT);
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The test model predicts 1, 0, 1, 0 for ROWS. */
function snapshotOf(rows = ROWS, labels = [1, 0, 0, 0], columns = ["a", "b", "c"]) {
  const numbers = { features: Float64Array.from(rows.flat()), labels: Int32Array.from(labels), rows: rows.length };
  return toSnapshot({ path: "evaluation.csv", md5: "m", columns, ...numbers });
}

const evaluate = async (predictor: Predictor, snapshot: Snapshot) =>
  (await evaluateAs(predictor, snapshot, "binary")) as BinaryRows & EvaluationDetails;

async function evaluateTestModel(snapshot: Snapshot, options: Parameters<typeof testModel>[0] = {}) {
  await using model = await testModel(options);
  const predictor = await openPredictor(model.folder);
  try {
    return await evaluate(predictor, snapshot);
  } finally {
    await predictor.close();
  }
}

/** An MLmodel whose signature names its columns. */
const withColumns = (...names: string[]) => ({
  ...mlmodelOf(names.length),
  signature: { inputs: JSON.stringify(names.map((name) => ({ name, type: "float", required: true }))) },
});

test("evaluates a real model, with scikit-learn's metrics", async () => {
  const evaluation = await evaluateTestModel(snapshotOf());
  const { rows, predicted, metrics, positive } = evaluation;
  expect(rows).toBe(4);
  expect([...predicted]).toEqual([1, 0, 1, 0]);
  expect(confusionOf(evaluation)).toEqual({ tn: 2, fp: 1, fn: 0, tp: 1 });
  expect(metrics.accuracy).toBe(0.75);
  expect(metrics.f1).toBeCloseTo(2 / 3, 12);
  expect(metrics.roc_auc).toBe(1);
  const loss = ROWS.map((row, index) => -Math.log(sigmoid(index === 0 ? score(row) : -score(row))));
  expect(metrics.log_loss).toBeCloseTo(loss.reduce((sum, x) => sum + x) / 4, 5);
  for (const [row, features] of ROWS.entries()) expect(positive?.[row]).toBeCloseTo(sigmoid(score(features)), 6);
});

test.for([
  ["regressor", "the model returns numbers instead of labels"],
  ["text", "the model labels row 0 as bleibt"],
] as const)("the task binary accepts only binary classifiers: %s", async ([kind, message]) => {
  const predictor = await openPredictor(join(import.meta.dirname, "../../fixtures/skl2onnx", kind));
  const snapshot = snapshotOf([[0, 0, 0, 0]], [0], ["a", "b", "c", "d"]);
  await expect(evaluate(predictor, snapshot)).rejects.toThrow(message);
});

test("evaluates a float64 model in float64: float32 has one value per 128 seconds of epoch time", async () => {
  const folder = join(import.meta.dirname, "../../fixtures/parity/double-epoch");
  const { rows, outputs } = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
  const predictor = await openPredictor(folder);
  const judged = async (numbers: number[][]) => {
    const snapshot = snapshotOf(numbers, outputs.label, ["started", "amount"]);
    return evaluate(predictor, snapshot);
  };
  const { metrics, samples, positive } = await judged(rows);
  expect(metrics.accuracy).toBe(1);
  expect([...(positive ?? [])]).toEqual(outputs.probabilities.map(([, one]: number[]) => one));
  // The deployment check sends the same rows.
  expect(samples[0]?.features).toEqual(rows[0]);
  const rounded = rows.map((row: number[]) => row.map(Math.fround));
  expect((await judged(rounded)).metrics.accuracy).toBeLessThan(1);
});

test("uses class names and the threshold of the metadata", async () => {
  const folder = join(import.meta.dirname, "../../fixtures/parity/catboost-class-order");
  const { rows, outputs } = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
  const predictor = await openPredictor(folder);
  const columns = predictor.signature.inputs.map(({ name }) => name);
  const { positive } = await evaluate(predictor, snapshotOf(rows, outputs.label, columns));
  expect([...(positive ?? [])].map(Math.fround)).toEqual(
    outputs.probabilities.map(([, one]: number[]) => Math.fround(one ?? 0)),
  );
  // 1 if the probability is at least 0.9.
  const mlmodel = { ...mlmodelOf(3), metadata: { prediction: { threshold: 0.9 } } };
  const { predicted, positive: chances } = await evaluateTestModel(snapshotOf(), { mlmodel });
  expect([...predicted]).toEqual([...(chances ?? [])].map((chance) => (chance >= 0.9 ? 1 : 0)));
  expect([...predicted]).toEqual([1, 0, 0, 0]);
});

test("passes columns by name to a model that names them", async () => {
  const asWritten = await evaluateTestModel(snapshotOf());
  const shuffled = ROWS.map(([a = 0, b = 0, c = 0]) => [c, a, b]);
  const snapshot = snapshotOf(shuffled, [1, 0, 0, 0], ["c", "a", "b"]);
  const byName = await evaluateTestModel(snapshot, { mlmodel: withColumns("a", "b", "c") });
  expect(byName.positive).toEqual(asWritten.positive);
  expect(byName.samples).toEqual(asWritten.samples);
});

test("keeps the snapshot's order for a model without column names", async () => {
  const shuffled = ROWS.map(([a = 0, b = 0, c = 0]) => [c, a, b]);
  const { samples } = await evaluateTestModel(snapshotOf(shuffled, [1, 0, 0, 0], ["c", "a", "b"]));
  expect(samples[0]?.features).toEqual([3, 1, 2]);
});

test("samples rows of the whole snapshot with predictions that the deployment must reproduce", async () => {
  const rows = Array.from({ length: 500 }, (_, row) => [row / 7, row % 3, -row]);
  const labels = rows.map((_, row) => row % 2);
  const { samples, predicted, positive } = await evaluateTestModel(snapshotOf(rows, labels));
  const places = samples.map(({ features }) => -(features[2] as number));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places.filter((place) => place >= 250).length).toBeGreaterThan(5);
  expect(places.length).toBeGreaterThanOrEqual(20);
  for (const [index, row] of places.entries()) {
    expect(samples[index]?.features).toEqual([...Float32Array.from(rows[row] ?? [])]);
    expect(samples[index]).toMatchObject({ label: predicted[row], positive: positive?.[row] });
  }
  // Sampling is reproducible.
  expect((await evaluateTestModel(snapshotOf(rows, labels))).samples).toEqual(samples);
});

test("evaluates more rows than fit in one batch", async () => {
  const rows = Array.from({ length: 8_192 + 2 }, (_, row) => ROWS[row % 2] ?? []);
  const { metrics, predicted } = await evaluateTestModel(
    snapshotOf(
      rows,
      rows.map((_, row) => (row + 1) % 2),
    ),
  );
  expect(predicted).toHaveLength(8_194);
  expect(metrics.accuracy).toBe(1);
});

test("supports models without probabilities", async () => {
  const { metrics, positive, samples } = await evaluateTestModel(snapshotOf(), { probabilitiesName: null });
  const named = ["accuracy", "balanced_accuracy", "precision", "recall", "f1", "specificity"];
  expect(Object.keys(metrics)).toEqual([...named, "matthews_corrcoef", "cohen_kappa"]);
  expect(positive).toBeUndefined();
  expect(samples[0]).toMatchObject({ label: 1, positive: null });
});

test("names both numbers and the columns if model and snapshot do not match", async () => {
  const narrow = snapshotOf([[1, 2]], [1], ["a", "b"]);
  await expect(evaluateTestModel(narrow)).rejects.toThrow(
    new PredictorError("the model takes 3 features, but the snapshot evaluation.csv has 2: a, b"),
  );
});

test("names the model's columns that the snapshot lacks", async () => {
  await expect(evaluateTestModel(snapshotOf(), { mlmodel: withColumns("a", "x", "y") })).rejects.toThrow(
    new PredictorError("the snapshot evaluation.csv lacks columns of the model's signature: x, y; it has a, b, c"),
  );
});

test("non-finite predictions are the model's failure", async () => {
  const negative = snapshotOf([[1], [-1]], [1, 0], ["a"]);
  const answered = evaluateTestModel(negative, { weights: [1], intercept: 0, link: "Log" });
  await expect(answered).rejects.toThrow(PredictorError);
  await expect(answered).rejects.toThrow("row 1");
});

/** Predictions of a model with more classes, or of another kind. */
const answering = (labels: number[], positives: number[]): Predictor => ({
  signature: floats(3),
  predict: async () => binaryPrediction(labels, positives),
  close: async () => {},
});

test.each([
  [
    [0, 1, 2, 0],
    "the model labels row 2 as 2, but the snapshot's labels are 0 and 1. Name other classes with data.classes and data.positive",
  ],
  // As int32 it would be 1.
  [
    [0, 1, 0, 2 ** 32 + 1],
    "the model labels row 3 as 4294967297, but the snapshot's labels are 0 and 1. Name other classes with data.classes and data.positive",
  ],
  [
    [0, 1, 0],
    "the model labels row 3 as undefined, but the snapshot's labels are 0 and 1. Name other classes with data.classes and data.positive",
  ],
])("the labels %j are the model's failure", async (labels, message) => {
  await expect(evaluate(answering(labels, [0, 1, 0, 1]), snapshotOf())).rejects.toThrow(new PredictorError(message));
});

test("a probability that exceeds 1 by rounding, as in a random forest, counts as 1", async () => {
  const beyond = [1 + 2 ** -20, -(2 ** -20), 1, 0];
  const { metrics, positive, samples } = await evaluate(answering([1, 0, 1, 0], beyond), snapshotOf());
  expect([...(positive ?? [])]).toEqual([1, 0, 1, 0]);
  expect(metrics).toMatchObject({ accuracy: 0.75, brier: 0.25 });
  // The deployment is compared with what the model returns.
  expect(samples.map((sample) => "positive" in sample && sample.positive)).toEqual(beyond);
});

test("a probability clearly above 1 is the model's failure", async () => {
  await expect(evaluate(answering([0, 1, 0, 1], [0, 1.5, 0, 1]), snapshotOf())).rejects.toThrow(
    new PredictorError("the model's probability for row 1 is 1.5, but must be between 0 and 1"),
  );
});
