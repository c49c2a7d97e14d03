import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AnsweredRows } from "../../../../training/gate/metrics/answered-rows.ts";
import { rangeFor } from "../../../../training/gate/metrics/metric.ts";
import { METRIC_FAMILIES, METRICS, metricKeys, metricKeysOf } from "../../../../training/gate/metrics/metric-table.ts";
import { metricsByClass, metricsByTarget, metricsOf } from "../../../../training/gate/metrics/metrics-of.ts";
import { ofClass, ofTarget } from "../../../../training/gate/metrics/parts.ts";
import { scoreOrder } from "../../../../training/gate/metrics/threshold-curve.ts";
import { seededRandom } from "../../../../training/gate/statistics/random.ts";
import { randomRows, repeatRows } from "./random-rows.ts";
import { same } from "./recorded-tasks.ts";

const TASKS = [
  ["binary", randomRows.binary(40)],
  ["multiclass", randomRows.multiclass(40)],
  ["regression", randomRows.regression(40)],
] as const;

describe.each(TASKS)("%s", (task, rows: AnsweredRows) => {
  const random = seededRandom(3);
  const counts = () => Array.from({ length: rows.rows }, () => random.below(3));

  test("computes every metric of the task", () => {
    expect(Object.keys(metricsOf(rows))).toEqual(metricKeysOf(task).map((key) => METRICS[key].metric));
  });

  test("an integer weight is equivalent to repeating the row", () => {
    const weights = counts();
    const repeated = metricsOf(repeatRows(rows, weights));
    for (const [name, value] of Object.entries(metricsOf(rows, weights))) same(value, repeated[name] as number, name);
    // Only metrics that depend on the number of rows may differ, because repetition adds rows. Here there are enough.
    expect(Object.keys(metricsOf(rows, weights))).toEqual(Object.keys(repeated));
  });

  test("weights may change in place between calls, as in a bootstrap", () => {
    const weights = Float64Array.from(counts());
    for (const key of metricKeysOf(task)) {
      const statistic = METRICS[key].of(rows);
      const first = statistic?.(weights);
      statistic?.(Float64Array.from(counts()));
      expect(statistic?.(weights), key).toBe(first);
      same(statistic?.(new Uint8Array(rows.rows).fill(1)), statistic?.() as number, key);
    }
  });

  test("no metric is defined if all weights are 0", () => {
    expect(metricsOf(rows, new Float64Array(rows.rows))).toEqual({});
  });

  test("metrics of another task are not prepared", () => {
    const others = metricKeys.filter((key) => !METRICS[key].tasks.includes(task));
    expect(others.length).toBeGreaterThan(5);
    for (const key of others) expect(METRICS[key].of(rows), key).toBeUndefined();
  });
});

test("a model without probabilities has the metrics that do not need them", () => {
  const { positive: _, scores, ...answers } = randomRows.binary(30);
  expect(Object.keys(metricsOf(answers))).not.toContain("roc_auc");
  const ofScores = metricsOf({ ...answers, ...(scores && { scores }) });
  expect(ofScores).toHaveProperty("roc_auc");
  expect(ofScores).not.toHaveProperty("log_loss");
  expect(METRICS.ks.of(answers)).toBeUndefined();
  const { probabilities: __, ...classes } = randomRows.multiclass(30);
  expect(metricsOf(classes)).not.toHaveProperty("roc_auc_ovr");
  expect(METRIC_FAMILIES.topK.with({ k: 2 }).of(classes)).toBeUndefined();
});

test("log loss clips at the epsilon of the probabilities' type", () => {
  const sureAndWrong = { ...randomRows.binary(1), labels: Int32Array.of(1), positive: Float64Array.of(0) };
  expect(METRICS.logLoss.of({ ...sureAndWrong, epsilon: 2 ** -23 })?.()).toBeCloseTo(23 * Math.LN2, 12);
  expect(METRICS.logLoss.of(sureAndWrong)?.()).toBeCloseTo(52 * Math.LN2, 12);
});

test("margins rank the rows even if the model also returns probabilities", () => {
  const rows = { ...randomRows.binary(3), labels: Int32Array.of(0, 1, 1), scores: Float64Array.of(-3, 1, 2) };
  expect(metricsOf({ ...rows, positive: Float64Array.of(0.9, 0.9, 0.9) })).toMatchObject({
    roc_auc: 1,
    pr_auc: 1,
    ks: 1,
  });
});

test("a threshold with exactly the required recall or precision is included", () => {
  // From the highest score down: 1, 0, 1, 1, 0: precision 1, 1/2, 2/3, 3/4, 3/5 at recall 1/3, 1/3, 2/3, 1, 1.
  const scores = Float64Array.of(0.9, 0.8, 0.7, 0.6, 0.5);
  const rows = { ...randomRows.binary(5), labels: Int32Array.of(1, 0, 1, 1, 0), positive: scores, scores };
  const { precisionAtRecall, recallAtPrecision, precisionAtK } = METRIC_FAMILIES;
  const at = [1 / 3, 0.4, 1].map((recall) => precisionAtRecall.with({ recall }).of(rows)?.());
  expect(at).toEqual([1, 0.75, 0.75]);
  const found = [1, 0.75, 0.76, 0].map((precision) => recallAtPrecision.with({ precision }).of(rows)?.());
  expect(found).toEqual([1 / 3, 1, 1 / 3, 1]);
  expect([1, 2, 5, 6].map((k) => precisionAtK.with({ k }).of(rows)?.())).toEqual([1, 0.5, 0.6, Number.NaN]);
});

test("a value that makes a metric undefined is ignored if its row has weight 0", () => {
  const rows = {
    ...randomRows.regression(3, 1, ["a"]),
    truth: Float64Array.of(3, -1, 4),
    predicted: Float64Array.of(3, 2, 4),
  };
  expect(METRICS.msle.of(rows)?.()).toBeNaN();
  expect(METRICS.msle.of(rows)?.([1, 0, 1])).toBe(0);
});

test("the scores of the same rows are sorted once", () => {
  const rows = randomRows.binary(30);
  expect(scoreOrder(rows)).toBe(scoreOrder(rows));
  expect(scoreOrder({ ...rows })).toBe(scoreOrder(rows));
  expect(scoreOrder({ ...rows, labels: rows.labels.slice() })).not.toBe(scoreOrder(rows));
});

test("for a constant truth, R2 and D2 are 1 for a model without error, else 0", () => {
  const rows = { ...randomRows.regression(3, 1, ["a"]), truth: new Float64Array(3).fill(0.1) };
  expect(metricsOf({ ...rows, predicted: rows.truth })).toMatchObject({ r2: 1, d2_absolute_error: 1 });
  expect(metricsOf(rows)).toMatchObject({ r2: 0, d2_absolute_error: 0 });
});

test("metrics that are not defined for a single class are absent, and all others are present", () => {
  const rows = { ...randomRows.binary(20), labels: new Int32Array(20).fill(1) };
  const names = Object.keys(metricsOf(rows));
  for (const name of ["roc_auc", "pr_auc", "ks"]) expect(names).not.toContain(name);
  expect(names).toEqual(expect.arrayContaining(["accuracy", "recall", "log_loss", "matthews_corrcoef"]));
});

test("metrics by class and by target equal the metrics of the parts", () => {
  const classes = randomRows.multiclass(30);
  const byClass = metricsByClass(classes);
  expect([...byClass.keys()]).toEqual(classes.classes);
  expect(byClass.get("c2")?.recall).toBe(ofClass(METRICS.recall, "c2").of(classes)?.());
  const targets = randomRows.regression(30);
  const byTarget = metricsByTarget(targets);
  expect(byTarget.get("b")?.r2).toBe(ofTarget(METRICS.r2, "b").of(targets)?.());
  same(metricsOf(targets).r2, ((byTarget.get("a")?.r2 ?? 0) + (byTarget.get("b")?.r2 ?? 0)) / 2, "mean over targets");
  expect(() => ofClass(METRICS.recall, "c9").of(classes)).toThrow(
    'class "c9" is unknown: the classes are c0, c1, c2, c3',
  );
  expect(() => ofTarget(METRICS.r2, "z").of(targets)).toThrow('target "z" is unknown: the targets are a, b');
  expect(ofClass(METRICS.recall, "c2").of(targets)).toBeUndefined();
});

test("a metric of one class has the range of the binary task", () => {
  expect(rangeFor(METRICS.brier, "multiclass")).toEqual([0, 2]);
  expect(rangeFor(METRICS.brier, "binary")).toEqual([0, 1]);
  expect(rangeFor(ofClass(METRICS.brier, "c2"), "multiclass")).toEqual([0, 1]);
});

test("pinball loss covers all targets, or the named one", () => {
  const rows = randomRows.regression(30);
  const { pinball } = METRIC_FAMILIES;
  const [a, b] = ["a", "b"].map((target) => pinball.with({ quantile: 0.9, target }).of(rows)?.() ?? 0);
  same(pinball.with({ quantile: 0.9 }).of(rows)?.(), ((a as number) + (b as number)) / 2, "pinball");
  expect(pinball.with({ quantile: 0.9, target: "b" }).metric).toBe("mean_pinball_0.9_b");
});

test("parameters out of range are rejected with their value", () => {
  const { precisionAtRecall, precisionAtK, expectedCost, topK, pinball } = METRIC_FAMILIES;
  expect(() => precisionAtRecall.with({ recall: 90 })).toThrow(
    "precisionAtRecall.recall must be between 0 and 1, got 90",
  );
  expect(() => precisionAtK.with({ k: 0.5 })).toThrow("precisionAtK.k must be an integer of at least 1, got 0.5");
  expect(() => topK.with({ k: 0 })).toThrow("topK.k must be an integer of at least 1, got 0");
  expect(() => pinball.with({ quantile: Number.NaN })).toThrow("pinball.quantile must be between 0 and 1, got NaN");
  expect(() => expectedCost.with({ falsePositive: 1, falseNegative: Number.POSITIVE_INFINITY })).toThrow(
    "expectedCost.falseNegative must be a finite number, got Infinity",
  );
});

test("the range of an expected cost is the range of its costs", () => {
  expect(METRIC_FAMILIES.expectedCost.with({ falsePositive: 1, falseNegative: 7, truePositive: -2 }).range).toEqual([
    -2, 7,
  ]);
});

test("docs/metrics.md has a row for every metric, with its name on the run", () => {
  const lines = readFileSync("docs/metrics.md", "utf8").split("\n");
  for (const key of metricKeys)
    expect(
      lines.filter((line) => line.startsWith(`| \`${key}\` | \`${METRICS[key].metric}\` |`)),
      key,
    ).toHaveLength(1);
  for (const key of Object.keys(METRIC_FAMILIES))
    expect(
      lines.filter((line) => line.startsWith(`| \`${key}: {`)),
      key,
    ).toHaveLength(1);
});
