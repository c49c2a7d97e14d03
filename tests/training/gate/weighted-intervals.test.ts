import { describe, expect, test } from "vitest";
import { effectiveRows, effectiveTrials, isFound } from "../../../training/gate/intervals/interval.ts";
import { metricInterval } from "../../../training/gate/intervals/metric-interval.ts";
import { pairedInterval } from "../../../training/gate/intervals/paired-interval.ts";
import type { AnsweredRows } from "../../../training/gate/metrics/answered-rows.ts";
import { rangeFor } from "../../../training/gate/metrics/metric.ts";
import { METRICS, metricKeys } from "../../../training/gate/metrics/metric-table.ts";
import { seededRandom } from "../../../training/gate/statistics/random.ts";
import { randomRows } from "./metrics/random-rows.ts";

const ROWS = 600;
const TASKS: Readonly<Record<string, readonly [AnsweredRows, AnsweredRows]>> = {
  binary: [randomRows.binary(ROWS), { ...randomRows.binary(ROWS, 2), labels: randomRows.binary(ROWS).labels }],
  multiclass: [
    randomRows.multiclass(ROWS),
    { ...randomRows.multiclass(ROWS, 2), labels: randomRows.multiclass(ROWS).labels },
  ],
  regression: [
    randomRows.regression(ROWS),
    { ...randomRows.regression(ROWS, 2), truth: randomRows.regression(ROWS).truth },
  ],
};
const ones = new Float64Array(ROWS).fill(1);

/** In binary rows, a true positive and a true negative outweigh all others, so that each share has one of them in its denominator. */
function heavyRows(rows: AnsweredRows): Float64Array {
  if (rows.task !== "binary") return ones.with(0, 1e9);
  const correct = [0, 1].map((code) =>
    rows.labels.findIndex((label, row) => label === code && rows.predicted[row] === code),
  );
  return ones.map((one, row) => (correct.includes(row) ? 1e9 : one));
}

describe.each(Object.entries(TASKS))("%s", (task, [rows, others]) => {
  const metrics = metricKeys.map((key) => METRICS[key]).filter(({ tasks }) => tasks.includes(rows.task));

  const oneOutweighsAll = heavyRows(rows);

  test("no metric is decided by one row that outweighs all others", () => {
    for (const metric of metrics) {
      const found = metricInterval(metric, rows, 0.95, oneOutweighsAll);
      if (!isFound(found)) continue;
      const [low, high] = found.interval;
      const [least, most] = rangeFor(metric, rows.task);
      // One row contains almost no information about a share of rows.
      expect((high - low) / (most - least), `${task} ${metric.label}: ${found.why}`).toBeGreaterThan(0.4);
    }
  });

  test("no comparison is decided by one row that outweighs all others", () => {
    for (const metric of metrics) {
      const found = pairedInterval(metric, { ours: rows, theirs: others, confidence: 0.95, weights: oneOutweighsAll });
      if (!isFound(found)) continue;
      const [low, high] = found.interval;
      expect(high - low, `${task} ${metric.label}: ${found.why}`).toBeGreaterThan(0.4);
    }
  });

  test("equal weights do not change intervals", () => {
    for (const metric of metrics) {
      const weights = ones.map(() => 0.1);
      const found = metricInterval(metric, rows, 0.95, weights);
      const plain = metricInterval(metric, rows, 0.95);
      expect(isFound(found), metric.label).toBe(isFound(plain));
    }
  });

  test("rows of weight 0 are ignored", () => {
    const weights = ones.map((_, row) => (row < 2 ? 1 : 0));
    for (const metric of metrics) {
      const found = metricInterval(metric, rows, 0.95, weights);
      if (isFound(found)) expect(found.interval[1] - found.interval[0], metric.label).toBeGreaterThan(0.4);
    }
  });
});

test("if a few rows carry most of the weight, a regressor's error and a classifier's loss have no interval, with a reason", () => {
  const random = seededRandom(7);
  const weights = ones.map(() => Math.exp(2 * random.normal()));
  const intervalOf = (rows: AnsweredRows, key: keyof typeof METRICS) =>
    metricInterval(METRICS[key], rows, 0.95, weights);
  const effective = Math.floor(effectiveRows(weights));
  expect(effective).toBeLessThan(100);
  const [regression, binary] = [randomRows.regression(ROWS), randomRows.binary(ROWS)];
  expect(intervalOf(regression, "rmse")).toEqual({
    tooFew: `too few rows: ${effective} after weighting; at least about 400 are needed`,
  });
  expect(intervalOf(binary, "logLoss")).toEqual({
    tooFew: `too few rows: ${effective} after weighting; at least about 100 are needed`,
  });
  expect(isFound(intervalOf(binary, "accuracy"))).toBe(true);
});

test("a target without an error does not hide the errors of another", () => {
  const rows = randomRows.regression(ROWS);
  const predicted = rows.predicted.map((value, place) => (place % 2 === 0 ? (rows.truth[place] as number) : value));
  expect(isFound(metricInterval(METRICS.mae, { ...rows, predicted }, 0.95))).toBe(true);
  // The error of a row of weight 0 is ignored.
  const once = { ...rows, predicted: Float64Array.from(rows.truth).with(0, 99) };
  expect(metricInterval(METRICS.mae, once, 0.95, ones.with(0, 0))).toEqual({
    tooFew: "no row has an error, so the size of possible errors is unknown",
  });
});

test.each([
  ["r2", 600],
  ["rmse", 400],
  ["mae", 200],
] as const)("%s has no interval below %i rows, at which its error was measured to be small enough", (key, fewest) => {
  expect(isFound(metricInterval(METRICS[key], randomRows.regression(fewest - 1), 0.95))).toBe(false);
  expect(isFound(metricInterval(METRICS[key], randomRows.regression(fewest), 0.95))).toBe(true);
});

test.each(["recall", "specificity", "rocAuc", "ks"] as const)(
  "weights by class do not change %s, whose denominators are rows of one class",
  (key) => {
    const rows = randomRows.binary(80);
    const byClass = Float64Array.from(rows.labels, (label) => (label === 1 ? 10 : 1));
    const [plain, weighted] = [
      metricInterval(METRICS[key], rows, 0.95),
      metricInterval(METRICS[key], rows, 0.95, byClass),
    ];
    if (!isFound(plain) || !isFound(weighted)) throw new Error("an interval is missing");
    expect(weighted.interval[0]).toBeCloseTo(plain.interval[0], 9);
    expect(weighted.interval[1]).toBeCloseTo(plain.interval[1], 9);
  },
);

test("a share whose failures outweigh its successes has fewer effective rows than its weights alone imply", () => {
  const weights = Float64Array.from({ length: 100 }, (_, row) => (row < 10 ? 5 : 1));
  // The total weight is 140; a row of weight 5 contributes 25 to the variance.
  expect(effectiveRows(weights)).toBeCloseTo(140 ** 2 / 340, 9);
  const [share, variance] = [90 / 140, ((90 / 140) ** 2 * 250 + (50 / 140) ** 2 * 90) / 140 ** 2];
  const trials = effectiveTrials(weights, (row) => row >= 10);
  expect(trials).toBeCloseTo((share * (1 - share)) / variance, 9);
  expect(trials).toBeLessThan(effectiveRows(weights) - 15);
  expect(effectiveTrials(weights, () => true)).toBeCloseTo(effectiveRows(weights), 9);
});
