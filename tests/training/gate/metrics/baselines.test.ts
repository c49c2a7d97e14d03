import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AnsweredRows } from "../../../../training/gate/metrics/answered-rows.ts";
import { baselineMetrics, baselineRows, isConstant } from "../../../../training/gate/metrics/baselines.ts";
import { METRICS } from "../../../../training/gate/metrics/metric-table.ts";
import { randomRows } from "./random-rows.ts";

describe("baseline of a classifier", () => {
  const rows = { ...randomRows.multiclass(8), labels: Int32Array.of(0, 2, 2, 1, 2, 0, 2, 2) };

  test("predicts the most frequent class, with the class shares as probabilities", () => {
    const baseline = baselineRows(rows);
    expect(baseline).toMatchObject({ task: "multiclass", labels: rows.labels, predicted: new Int32Array(8).fill(2) });
    expect(baseline).toHaveProperty("probabilities.length", 32);
    const metrics = baselineMetrics(rows);
    expect(metrics.accuracy).toBe(5 / 8);
    expect(metrics.balanced_accuracy).toBeCloseTo(1 / 3, 12);
    expect(metrics.cohen_kappa).toBe(0);
    expect(metrics.roc_auc_ovo).toBe(0.5);
    // Entropy of the shares.
    expect(metrics.log_loss).toBeCloseTo(-(5 * Math.log(5 / 8) + 2 * Math.log(2 / 8) + Math.log(1 / 8)) / 8, 12);
  });

  test("predicts the first of two equally frequent classes", () => {
    const binary = { ...randomRows.binary(4), labels: Int32Array.of(1, 0, 1, 0) };
    expect(baselineRows(binary)).toMatchObject({
      predicted: new Int32Array(4),
      positive: new Float64Array(4).fill(0.5),
    });
    expect(baselineMetrics(binary)).toMatchObject({ accuracy: 0.5, brier: 0.25, ece: 0, roc_auc: 0.5, ks: 0, f1: 0 });
  });
});

describe("baseline of a regressor", () => {
  const rows = randomRows.regression(51);

  test("has an R2 of 0, and no other constant is better", () => {
    const metrics = baselineMetrics(rows);
    expect(metrics.r2).toBeCloseTo(0, 12);
    expect(metrics.d2_absolute_error).toBeCloseTo(0, 12);
    expect(metrics.mean_error).toBeCloseTo(0, 12);
    for (const constant of [19, 19.9, 20, 20.1, 21]) {
      const other = { ...rows, predicted: new Float64Array(rows.predicted.length).fill(constant) };
      expect(METRICS.rmse.of(other)?.()).toBeGreaterThan(metrics.root_mean_squared_error as number);
      expect(METRICS.mae.of(other)?.()).toBeGreaterThanOrEqual(metrics.mean_absolute_error as number);
    }
  });

  test("uses a separate constant for each target", () => {
    const two = { ...rows, rows: 3, truth: Float64Array.of(1, 10, 2, 20, 6, 60), predicted: new Float64Array(6) };
    expect(baselineRows(two, "mean")).toMatchObject({ predicted: Float64Array.of(3, 30, 3, 30, 3, 30) });
    expect(baselineRows(two, "median")).toMatchObject({ predicted: Float64Array.of(2, 20, 2, 20, 2, 20) });
  });
});

test("a model is constant if all its predictions are equal, including scores", () => {
  for (const rows of [randomRows.binary(9), randomRows.multiclass(9), randomRows.regression(9)]) {
    expect(isConstant(rows), rows.task).toBe(false);
    expect(isConstant(baselineRows(rows)), rows.task).toBe(true);
  }
  // Only the classes are equal: the scores still rank the rows.
  expect(isConstant({ ...randomRows.binary(9), predicted: new Int32Array(9) })).toBe(false);
  expect(isConstant(randomRows.binary(1))).toBe(false);
});

interface Dummy {
  readonly task: AnsweredRows["task"];
  readonly classes: number;
  readonly truth: readonly number[];
  readonly weights?: readonly number[];
  readonly values: Readonly<Record<string, number>>;
}

/** Metrics of scikit-learn's dummy models: see record_dummies.py. */
const DUMMIES = JSON.parse(
  readFileSync(new URL("../../../fixtures/gate-baselines/dummies.json", import.meta.url), "utf8"),
) as Dummy[];

test.each(DUMMIES.map((dummy, index) => [`${dummy.task} ${index}`, dummy] as const))(
  "scores what scikit-learn's dummy model scores: %s",
  (_, { task, classes, truth, weights, values }) => {
    const rows = truth.length;
    const labels = Int32Array.from(truth);
    const common = { rows, labels, predicted: new Int32Array(rows), epsilon: 2 ** -52 };
    const known: Record<typeof task, AnsweredRows> = {
      binary: { task: "binary", classes: [0, 1], ...common },
      multiclass: { task: "multiclass", classes: Array.from({ length: classes }, (_, index) => index), ...common },
      regression: {
        task: "regression",
        rows,
        targets: ["y"],
        truth: Float64Array.from(truth),
        predicted: new Float64Array(rows),
      },
    };
    const found = baselineMetrics(known[task], weights);
    for (const [name, value] of Object.entries(values)) expect(found[name], name).toBeCloseTo(value, 9);
  },
);
