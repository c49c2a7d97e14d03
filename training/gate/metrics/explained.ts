import type { RowLosses, RowStatistic } from "./metric.ts";
import { ofTargets } from "./regression-errors.ts";
import { rowMean, rowValues } from "./row-mean.ts";
import type { TargetColumn } from "./target-columns.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

const range = [Number.NEGATIVE_INFINITY, 1] as const;
const truth = "varied" as const;

/**
 * Improvement of a regressor over the best constant: 1 for no error, 0 for the constant's error, negative if worse. Not defined for fewer than
 * two rows with a weight. If all rows have the same truth, the constant has no error: the value is 1 for a model without error, else 0.
 */
export const explained = {
  r2: ofTargets(
    { label: "R2", metric: "r2", range, truth },
    improvementOver(
      (distance) => distance ** 2,
      ({ rows, truth }) => rowMean(rows, (row) => truth[row] as number),
      {
        squared: true,
      },
    ),
  ),
  d2: ofTargets(
    { label: "D2 of the absolute error", metric: "d2_absolute_error", constant: "median", range, truth },
    improvementOver(Math.abs, ({ truth }) => weightedQuantile(truth, 0.5)),
  ),
};

/** Defines the improvement over the best constant. @param constantOf the best constant for this loss */
function improvementOver(
  loss: (distance: number) => number,
  constantOf: (column: TargetColumn) => RowStatistic,
  more: { readonly squared?: true } = {},
) {
  const lossKind = { kind: "ratio", ...more } as const;
  const losses = (column: TargetColumn, weights?: ArrayLike<number>): RowLosses => {
    const { rows, truth, predicted } = column;
    const best = constantOf(column)(weights);
    return {
      ...lossKind,
      losses: rowValues(rows, (row) => loss((truth[row] as number) - (predicted[row] as number))),
      constant: rowValues(rows, (row) => loss((truth[row] as number) - best)),
    };
  };
  return Object.assign((column: TargetColumn) => improvement(column, loss, constantOf(column)), { losses, lossKind });
}

/** Returns 1 - loss of the model / loss of the constant. */
function improvement(
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
    // Compares minimum and maximum, because the mean of equal numbers may differ from them by rounding.
    return lowest === highest ? 0 : 1 - model / (sum / total);
  };
}
