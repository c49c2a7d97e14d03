import type { RowStatistic } from "./metric.ts";
import { ofTargets } from "./regression-errors.ts";
import { rowMean } from "./row-mean.ts";
import type { TargetColumn } from "./target-columns.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

const range = [Number.NEGATIVE_INFINITY, 1] as const;

/**
 * How much better a regressor is than the best constant: 1 for no error, 0 for the constant's, less than 0 for worse. Not defined for fewer than
 * two rows with a weight. Where all rows have the same truth, the constant has no error: 1 for a model that has none either, else 0.
 */
export const explained = {
  r2: ofTargets({ label: "R2", metric: "r2", range }, (column) =>
    better(
      column,
      (distance) => distance ** 2,
      (weights) => mean(column, weights),
    ),
  ),
  d2: ofTargets(
    { label: "D2 of the absolute error", metric: "d2_absolute_error", constant: "median", range },
    (column) => better(column, Math.abs, weightedQuantile(column.truth, 0.5)),
  ),
};

function mean({ rows, truth }: TargetColumn, weights?: ArrayLike<number>): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    sum += weight * (truth[row] as number);
    total += weight;
  }
  return sum / total;
}

/** 1 - loss of the model / loss of the constant. */
function better(
  { rows, truth, predicted }: TargetColumn,
  loss: (distance: number) => number,
  constantOf: RowStatistic,
): RowStatistic {
  const ofModel = rowMean(rows, (row) => loss((truth[row] as number) - (predicted[row] as number)));
  return (weights) => {
    const constant = constantOf(weights);
    let [sum, total, counted] = [0, 0, 0];
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let row = 0; row < rows; row++) {
      const weight = weights ? (weights[row] as number) : 1;
      if (weight === 0) continue;
      const value = truth[row] as number;
      sum += weight * loss(value - constant);
      total += weight;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
      counted++;
    }
    if (counted < 2) return Number.NaN;
    const model = ofModel(weights);
    if (model === 0) return 1;
    // Compared by its ends: the mean of equal numbers may differ from them by rounding.
    return lowest === highest ? 0 : 1 - model / (sum / total);
  };
}
