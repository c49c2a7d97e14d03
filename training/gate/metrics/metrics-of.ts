import type { ClassName } from "../../../data/prediction.ts";
import type { AnsweredRows, MulticlassRows, RegressionRows } from "./answered-rows.ts";
import { viewOf } from "./metric.ts";
import { METRICS, type MetricKey, metricKeys, metricKeysOf } from "./metric-table.ts";
import { oneVersusRest, targetRows } from "./parts.ts";

/** Values by metric name on the run. A metric that is not defined for the rows or the model is absent. */
export type MetricValues = Record<string, number>;

/**
 * Computes the metrics of the rows' task, except those with parameters.
 * @param weights one per row; without them, every row counts once
 * @param keys restricts the metrics
 */
export function metricsOf(
  rows: AnsweredRows,
  weights?: ArrayLike<number>,
  keys: readonly MetricKey[] = metricKeys,
): MetricValues {
  const view = viewOf(rows, weights);
  const values: MetricValues = {};
  for (const key of keys) {
    const value = METRICS[key].valueOf(view);
    if (value !== undefined && !Number.isNaN(value)) values[METRICS[key].metric] = value;
  }
  return values;
}

/** Metrics that are reported for one class against the others. */
export const CLASS_KEYS = [
  "precision",
  "recall",
  "f1",
  "specificity",
  "rocAuc",
  "prAuc",
  "brier",
  "calibrationError",
] as const;

/** Computes the binary metrics of each class against the others, in the order of the classes. */
export const metricsByClass = (
  rows: MulticlassRows,
  weights?: ArrayLike<number>,
  keys: readonly MetricKey[] = CLASS_KEYS,
): Map<ClassName, MetricValues> =>
  new Map(rows.classes.map((name) => [name, metricsOf(oneVersusRest(rows, name), weights, keys)]));

/** Computes the metrics of each target. */
export const metricsByTarget = (
  rows: RegressionRows,
  weights?: ArrayLike<number>,
  keys: readonly MetricKey[] = metricKeysOf("regression"),
): Map<string, MetricValues> =>
  new Map(rows.targets.map((target) => [target, metricsOf(targetRows(rows, target), weights, keys)]));
