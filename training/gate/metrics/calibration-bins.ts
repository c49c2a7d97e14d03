export interface CalibrationBin {
  readonly rows: number;
  /** Mean predicted probability of class 1. */
  readonly predicted: number;
  /** Share of rows of class 1. */
  readonly observed: number;
}

export const CALIBRATION_BINS = 10;

/**
 * Bin of a probability among equal bins (a, b], the first of which includes 0: those of scikit-learn's
 * calibration_curve(strategy="uniform"), whose edges are multiples of the width as float64 has them.
 */
export function uniformBin(probability: number, bins: number): number {
  const width = 1 / bins;
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
  if (bin > 0 && probability <= bin * width) bin--;
  if (bin < bins - 1 && probability > (bin + 1) * width) bin++;
  return bin;
}

/**
 * Predicted beside observed, by bins of the probability; empty bins are left out.
 * @param labels 0 or 1, one a row
 * @param positive probability of class 1, one a row
 */
export function calibrationBins(labels: ArrayLike<number>, positive: ArrayLike<number>): CalibrationBin[] {
  const rows = new Float64Array(CALIBRATION_BINS);
  const predicted = new Float64Array(CALIBRATION_BINS);
  const observed = new Float64Array(CALIBRATION_BINS);
  for (let row = 0; row < labels.length; row++) {
    const probability = positive[row] as number;
    const bin = uniformBin(probability, CALIBRATION_BINS);
    rows[bin] = (rows[bin] as number) + 1;
    predicted[bin] = (predicted[bin] as number) + probability;
    observed[bin] = (observed[bin] as number) + (labels[row] as number);
  }
  return Array.from(rows, (count, bin) => ({
    rows: count,
    predicted: (predicted[bin] as number) / count,
    observed: (observed[bin] as number) / count,
  })).filter((bin) => bin.rows > 0);
}
