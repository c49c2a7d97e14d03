import { expect, test } from "vitest";
import type { BinaryRows } from "../../../../training/gate/metrics/answered-rows.ts";
import { metricsOf } from "../../../../training/gate/metrics/metrics-of.ts";
import { plainCurve } from "../../../../training/gate/metrics/plain-curve.ts";
import { thresholdCurve } from "../../../../training/gate/metrics/threshold-curve.ts";
import { seededRandom } from "../../../../training/gate/statistics/random.ts";

const random = seededRandom(11);
const KINDS: [string, () => number][] = [
  ["probabilities", () => random.uniform()],
  ["few distinct values", () => random.below(7) - 3],
  ["both signs and many sizes", () => random.normal() * 10 ** random.below(20)],
  ["zeros of both signs", () => (random.below(2) === 0 ? -0 : 0)],
  ["infinities", () => [Number.POSITIVE_INFINITY, 1, -0, 0, Number.NEGATIVE_INFINITY][random.below(5)] as number],
];

function answered(rows: number, draw: () => number, label = () => random.below(2)): BinaryRows {
  const scores = Float32Array.from({ length: rows }, draw);
  const labels = Uint8Array.from({ length: rows }, label);
  const predicted = labels.map((one) => 1 - one);
  return { task: "binary", rows, classes: [0, 1], labels, predicted, scores, epsilon: 2 ** -23 };
}

test.each(KINDS)("equals the curve of the sorted rows: %s", (_, draw) => {
  for (const rows of [1, 2, 500, 20_000]) {
    const all = answered(rows, draw);
    const { truePositives, falsePositives } = thresholdCurve(all, new Uint8Array(rows).fill(1));
    const plain = plainCurve(all.labels, all.scores as Float32Array);
    expect([...plain.truePositives], `${rows} rows`).toEqual([...truePositives]);
    expect([...plain.falsePositives], `${rows} rows`).toEqual([...falsePositives]);
  }
});

test.each([
  ["negative", 0],
  ["positive", 1],
])("has a curve if all rows are %s", (_, label) => {
  const curve = thresholdCurve(
    answered(
      3,
      () => 0.5,
      () => label,
    ),
  );
  expect([[...curve.truePositives], [...curve.falsePositives]]).toEqual([[3 * label], [3 - 3 * label]]);
});

test("metrics are equal for scores as float32 and the same numbers as float64", () => {
  for (const [, draw] of KINDS) {
    const all = answered(3_000, draw);
    const wide = {
      ...all,
      labels: Int32Array.from(all.labels),
      predicted: Int32Array.from(all.predicted),
      scores: Float64Array.from(all.scores ?? []),
    };
    expect(metricsOf(all)).toEqual(metricsOf(wide));
  }
  const positive = Float32Array.from({ length: 3_000 }, () => random.uniform());
  const all = { ...answered(3_000, () => 0), positive, scores: positive };
  const wide = { ...all, positive: Float64Array.from(positive), scores: Float64Array.from(positive) };
  expect(metricsOf(all)).toEqual(metricsOf(wide));
  expect(Object.keys(metricsOf(all))).toEqual(expect.arrayContaining(["roc_auc", "log_loss", "ece", "brier"]));
});

test("rejects NaN, and names the row", () => {
  const scores = new Float32Array(10);
  scores[7] = Number.NaN;
  expect(() => plainCurve(new Uint8Array(10), scores)).toThrow("the score of row 7 is not a number");
});
