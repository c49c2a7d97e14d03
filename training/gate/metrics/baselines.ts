import type { AnsweredRows, BinaryRows, MulticlassRows, RegressionRows } from "./answered-rows.ts";
import { type Metric, viewOf } from "./metric.ts";
import { METRICS, type MetricKey, metricKeys } from "./metric-table.ts";
import type { MetricValues } from "./metrics-of.ts";
import { targetColumns } from "./target-columns.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

/** What a regressor that always answers the same answers. */
export type Constant = "mean" | "median";

/**
 * The answers of a model that learned nothing but how its truth is distributed, for the same rows: a classifier answers the most frequent class
 * (of equally frequent ones the first) with the shares of the classes as probabilities, a regressor each target's mean or median.
 */
export function baselineRows(rows: AnsweredRows, constant: Constant = "mean"): AnsweredRows {
  if (rows.task === "regression") return constantValues(rows, constant);
  const counts = new Float64Array(rows.classes.length);
  for (const label of rows.labels) counts[label] = (counts[label] as number) + 1;
  const shares = counts.map((count) => count / rows.rows);
  return rows.task === "binary" ? priorOfTwo(rows, shares) : prior(rows, shares);
}

/**
 * What the baseline scores, by the metrics' names on the run. Each metric of a regression is that of the constant that suits it: the median where
 * absolute errors count.
 */
export function baselineMetrics(rows: AnsweredRows, keys: readonly MetricKey[] = metricKeys): MetricValues {
  const values: MetricValues = {};
  for (const constant of rows.task === "regression" ? (["mean", "median"] as const) : (["mean"] as const)) {
    const view = viewOf(baselineRows(rows, constant));
    for (const key of keys) {
      const metric: Metric = METRICS[key];
      if (rows.task === "regression" && (metric.constant ?? "mean") !== constant) continue;
      const value = metric.valueOf(view);
      if (value !== undefined && !Number.isNaN(value)) values[metric.metric] = value;
    }
  }
  return values;
}

/** Whether the model answers every row the same, its scores included; false for fewer than two rows. */
export function isConstant(rows: AnsweredRows): boolean {
  if (rows.rows < 2) return false;
  if (rows.task === "regression") return repeats(rows.predicted, rows.targets.length);
  if (!repeats(rows.predicted, 1)) return false;
  if (rows.task === "multiclass") return !rows.probabilities || repeats(rows.probabilities, rows.classes.length);
  const scores = rows.scores ?? rows.positive;
  return !scores || repeats(scores, 1);
}

function repeats(values: ArrayLike<number>, width: number): boolean {
  for (let index = width; index < values.length; index++) if (values[index] !== values[index - width]) return false;
  return true;
}

function priorOfTwo(rows: BinaryRows, shares: Float64Array): BinaryRows {
  const positive = new Float64Array(rows.rows).fill(shares[1] as number);
  return { ...rows, predicted: mostFrequent(shares, rows.rows), positive, scores: positive };
}

function prior(rows: MulticlassRows, shares: Float64Array): MulticlassRows {
  const probabilities = new Float64Array(rows.rows * shares.length);
  for (let row = 0; row < rows.rows; row++) probabilities.set(shares, row * shares.length);
  return { ...rows, predicted: mostFrequent(shares, rows.rows), probabilities };
}

const mostFrequent = (shares: Float64Array, rows: number): Int32Array =>
  new Int32Array(rows).fill(shares.indexOf(Math.max(...shares)));

function constantValues(rows: RegressionRows, constant: Constant): RegressionRows {
  const constants = targetColumns(rows).map(({ truth }) =>
    constant === "mean" ? truth.reduce((sum, value) => sum + value, 0) / rows.rows : weightedQuantile(truth, 0.5)(),
  );
  const predicted = new Float64Array(rows.predicted.length);
  for (let row = 0; row < rows.rows; row++) predicted.set(constants, row * constants.length);
  return { ...rows, predicted };
}
