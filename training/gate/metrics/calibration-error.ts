import type { BinaryRows, MulticlassRows } from "./answered-rows.ts";
import { CALIBRATION_BINS, uniformBin } from "./calibration-bins.ts";
import { defineMetric, type RowStatistic } from "./metric.ts";
import { rowValues } from "./row-mean.ts";

/**
 * Expected calibration error: the mean over rows of |predicted - observed| of their bin (Guo et al. 2017, 10 equal bins). With more than two
 * classes, uses the predicted class (top-label): how often a prediction with this probability is correct.
 */
export const calibrationError = defineMetric({
  label: "expected calibration error",
  metric: "ece",
  loss: true,
  range: [0, 1],
  needs: "probabilities",
  binary: (rows) => ofGaps(rows),
  multiclass: (rows) => ofGaps(rows),
});

const ofGaps = (rows: BinaryRows | MulticlassRows) => {
  const error = binnedError(rows.rows, forecastOf(rows));
  return (view: { readonly weights: ArrayLike<number> | undefined }) => error(view.weights);
};

/** The event whose probability a row predicts, and its outcome. */
interface Forecast {
  readonly probability: (row: number) => number;
  /** 1 if the event occurred, else 0. */
  readonly outcome: (row: number) => number;
}

function forecastOf(rows: BinaryRows | MulticlassRows): Forecast {
  if (rows.task === "binary") {
    const { labels, positive = new Float64Array() } = rows;
    return { probability: (row) => positive[row] as number, outcome: (row) => labels[row] as number };
  }
  const { classes, labels, predicted, probabilities = new Float64Array() } = rows;
  return {
    probability: (row) => probabilities[row * classes.length + (predicted[row] as number)] as number,
    outcome: (row) => (labels[row] === predicted[row] ? 1 : 0),
  };
}

/** Bin of each row, and the gap between probability and outcome. */
export interface CalibrationGaps {
  readonly bins: Uint8Array;
  readonly gaps: Float64Array;
}

/** Computes the gap of each row. */
export const calibrationGaps = (rows: BinaryRows | MulticlassRows): CalibrationGaps =>
  gapsOf(rows.rows, forecastOf(rows));

const gapsOf = (rows: number, { probability, outcome }: Forecast): CalibrationGaps => ({
  bins: Uint8Array.from(rowValues(rows, (row) => uniformBin(probability(row), CALIBRATION_BINS))),
  gaps: rowValues(rows, (row) => probability(row) - outcome(row)),
});

/** Sums |sum of probabilities - sum of outcomes| over bins and divides by the total weight, which equals the mean of the bins' gaps. */
function binnedError(rows: number, forecast: Forecast): RowStatistic {
  const { probability, outcome } = forecast;
  // Cached for calls with weights, as in rowMean.
  let cached: CalibrationGaps | undefined;
  return (weights) => {
    const sums = new Float64Array(CALIBRATION_BINS);
    let total = rows;
    if (weights) {
      cached ??= gapsOf(rows, forecast);
      const { bins, gaps } = cached;
      total = 0;
      for (let row = 0; row < rows; row++) {
        const bin = bins[row] as number;
        sums[bin] = (sums[bin] as number) + (weights[row] as number) * (gaps[row] as number);
        total += weights[row] as number;
      }
    } else
      for (let row = 0; row < rows; row++) {
        const bin = uniformBin(probability(row), CALIBRATION_BINS);
        sums[bin] = (sums[bin] as number) + probability(row) - outcome(row);
      }
    return sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  };
}
