import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { fitLogisticRegression } from "../../training/logistic-regression.ts";
import { toOnnx } from "../../training/onnx-model.ts";
import { CHURN, scikitLearn } from "../fixtures/training/recorded.ts";
import { loadNumbers } from "../helpers/number-rows.ts";

const training = await loadNumbers(`${CHURN}/train.csv`);
const evaluation = await loadNumbers(`${CHURN}/evaluation.csv`);
const rows = Float32Array.from(evaluation.features);

const open = (model: Uint8Array) => InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });

async function run(session: InferenceSession, features: Float32Array, columns: number) {
  const tensor = new Tensor("float32", features, [features.length / columns, columns]);
  const { label, probabilities } = await session.run({ features: tensor });
  if (!label || !probabilities) throw new Error("the model lacks an output");
  return {
    labels: [...(label.data as BigInt64Array)].map(Number),
    probabilities: [...(probabilities.data as Float32Array)],
  };
}

const session = await open(
  toOnnx(fitLogisticRegression(training.features, training.labels, { C: 1, maxIterations: 200 })),
);
const whole = await run(session, rows, 10);

test("predicts scikit-learn's label for every evaluation row; 359 of 400 are correct", () => {
  expect(whole.labels).toEqual(scikitLearn.evaluation.labels);
  expect(whole.labels.filter((label, row) => label === evaluation.labels[row])).toHaveLength(359);
});

test("probabilities match scikit-learn's within the precision of lbfgs, and sum to 1", () => {
  for (const [row, theirs] of scikitLearn.evaluation.positive.entries()) {
    expect(Math.abs((whole.probabilities[row * 2 + 1] ?? Number.NaN) - theirs)).toBeLessThan(1e-4);
    expect((whole.probabilities[row * 2] ?? 0) + (whole.probabilities[row * 2 + 1] ?? 0)).toBeCloseTo(1, 6);
  }
});

test("returns bit-identical results for one row, for seven and for all", async () => {
  for (const size of [1, 7]) {
    const probabilities: number[] = [];
    for (let row = 0; row < 400; row += size)
      probabilities.push(...(await run(session, rows.slice(row * 10, (row + size) * 10), 10)).probabilities);
    expect(probabilities).toEqual(whole.probabilities);
  }
});

test("declares its inputs and outputs with any number of rows", () => {
  expect([...session.inputMetadata, ...session.outputMetadata]).toMatchObject([
    { name: "features", type: "float32", shape: ["N", 10] },
    { name: "label", type: "int64", shape: ["N"] },
    { name: "probabilities", type: "float32", shape: ["N", 2] },
  ]);
});

test("separates the classes even if the probabilities round to 0 and 1, and resolves a tie to class 0", async () => {
  const { labels } = await run(
    await open(toOnnx({ coefficients: Float64Array.of(1000), intercept: 0 })),
    Float32Array.of(5, -5, 0),
    1,
  );
  expect(labels).toEqual([1, 0, 0]);
});

test("rejects weights beyond the range of float32", () => {
  expect(() => toOnnx({ coefficients: Float64Array.of(1), intercept: 1e39 })).toThrow(
    "the model's bias exceed the range of float32",
  );
});
