import { CALIBRATION_BINS, uniformBin } from "./calibration-bins.ts";
import { defineMetric, type RowStatistic } from "./metric.ts";
import { rowValues } from "./row-mean.ts";

/**
 * Expected calibration error: the mean over rows of |predicted - observed| of their bin (Guo et al. 2017, 10 equal bins). For more than two
 * classes that of the answered class (top-label): how often an answer is right that the model gives this probability.
 */
export const calibrationError = defineMetric({
  label: "expected calibration error",
  metric: "ece",
  loss: true,
  range: [0, 1],
  needs: "probabilities",
  binary: ({ rows, labels, positive = new Float64Array() }) => {
    const error = binnedError(
      rows,
      (row) => positive[row] as number,
      (row) => labels[row] as number,
    );
    return (view) => error(view.weights);
  },
  multiclass: ({ rows, classes, labels, predicted, probabilities = new Float64Array() }) => {
    const error = binnedError(
      rows,
      (row) => probabilities[row * classes.length + (predicted[row] as number)] as number,
      (row) => (labels[row] === predicted[row] ? 1 : 0),
    );
    return (view) => error(view.weights);
  },
});

/** The sum over bins of |sum of probabilities - sum of outcomes|, by the total weight: the same as the mean of the bins' gaps. */
function binnedError(
  rows: number,
  probabilityOf: (row: number) => number,
  outcomeOf: (row: number) => number,
): RowStatistic {
  const binOf = (row: number) => uniformBin(probabilityOf(row), CALIBRATION_BINS);
  const gapOf = (row: number) => probabilityOf(row) - outcomeOf(row);
  // Kept for calls with weights, as rowMean does.
  let kept: { readonly bins: Uint8Array; readonly gaps: Float64Array } | undefined;
  return (weights) => {
    const sums = new Float64Array(CALIBRATION_BINS);
    let total = rows;
    if (weights) {
      kept ??= {
        bins: Uint8Array.from(rowValues(rows, binOf)),
        gaps: rowValues(rows, gapOf),
      };
      const { bins, gaps } = kept;
      total = 0;
      for (let row = 0; row < rows; row++) {
        const bin = bins[row] as number;
        sums[bin] = (sums[bin] as number) + (weights[row] as number) * (gaps[row] as number);
        total += weights[row] as number;
      }
    } else
      for (let row = 0; row < rows; row++) {
        const bin = binOf(row);
        sums[bin] = (sums[bin] as number) + gapOf(row);
      }
    return sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  };
}
