import type { AnsweredRows, BinaryRows, MulticlassRows, RegressionRows } from "./answered-rows.ts";
import { type Metric, viewOf } from "./metric.ts";
import { METRICS, type MetricKey, metricKeys } from "./metric-table.ts";
import type { MetricValues } from "./metrics-of.ts";
import { rowMean } from "./row-mean.ts";
import { targetColumns } from "./target-columns.ts";
import { truthGap } from "./truth-needs.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

/** The value that a constant regressor predicts. */
export type Constant = "mean" | "median";

type Weights = ArrayLike<number> | undefined;

/**
 * Returns the predictions for the same rows of a model that knows only the distribution of the truth. A classifier predicts the most frequent class
 * (the first of several) with the class frequencies as probabilities. A regressor predicts each target's mean or median.
 * @param weights one per row; without them, every row counts once
 */
export function baselineRows(rows: AnsweredRows, constant: Constant = "mean", weights?: Weights): AnsweredRows {
  if (rows.task === "regression") return constantValues(rows, constant, weights);
  const counts = classWeights(rows, weights);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => count / total);
  return rows.task === "binary" ? priorOfTwo(rows, shares) : prior(rows, shares);
}

/**
 * Computes the baseline's metrics, by their names on the run. Uses the best constant for each regression metric: the median for absolute errors, else
 * the mean.
 */
export function baselineMetrics(
  rows: AnsweredRows,
  weights?: Weights,
  keys: readonly MetricKey[] = metricKeys,
): MetricValues {
  if (rows.task !== "regression") {
    const { rows: classes, weights: counts } = rowPerClass(rows, weights);
    return valuesOf(baselineRows(classes, "mean", counts), counts, keys);
  }
  // These metrics measure the improvement over this very constant, which is 0 by definition: no rows need sorting.
  const explained = keys.filter((key) => METRICS[key].truth === "varied");
  const zero = truthGap("varied", rows, weights) === undefined ? explained : [];
  const ofConstant = (constant: Constant) =>
    valuesOf(
      baselineRows(rows, constant, weights),
      weights,
      keys.filter((key) => constantOf(METRICS[key]) === constant && !zero.includes(key)),
    );
  return {
    ...ofConstant("mean"),
    ...ofConstant("median"),
    ...Object.fromEntries(zero.map((key) => [METRICS[key].metric, 0])),
  };
}

/** Returns the constant to compare a regression metric with. */
export const constantOf = ({ constant }: Metric): Constant => constant ?? "mean";

function valuesOf(rows: AnsweredRows, weights: Weights, keys: readonly MetricKey[]): MetricValues {
  const view = viewOf(rows, weights);
  const values: MetricValues = {};
  for (const key of keys) {
    const value = METRICS[key].valueOf(view);
    if (value !== undefined && !Number.isNaN(value)) values[METRICS[key].metric] = value;
  }
  return values;
}

/** Returns the total weight of each class's rows. */
function classWeights({ rows, classes, labels }: BinaryRows | MulticlassRows, weights: Weights): Float64Array {
  const counts = new Float64Array(classes.length);
  for (let row = 0; row < rows; row++) {
    const label = labels[row] as number;
    counts[label] = (counts[label] as number) + (weights ? (weights[row] as number) : 1);
  }
  return counts;
}

/** Returns one row per class with the class's total weight. The baseline predicts a class's rows alike, so a hundred million rows take no memory. */
function rowPerClass<Rows extends BinaryRows | MulticlassRows>(rows: Rows, weights: Weights) {
  const labels = Int32Array.from(rows.classes, (_, index) => index);
  return {
    rows: { ...rows, rows: labels.length, labels, predicted: labels } as Rows,
    weights: classWeights(rows, weights),
  };
}

/** Returns whether the model predicts the same for every row, including scores; false for fewer than two rows. */
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

function constantValues(rows: RegressionRows, constant: Constant, weights: Weights): RegressionRows {
  const constants = targetColumns(rows).map(({ truth }) =>
    constant === "mean"
      ? rowMean(rows.rows, (row) => truth[row] as number)(weights)
      : weightedQuantile(truth, 0.5)(weights),
  );
  const predicted = new Float64Array(rows.predicted.length);
  for (let row = 0; row < rows.rows; row++) predicted.set(constants, row * constants.length);
  return { ...rows, predicted };
}
