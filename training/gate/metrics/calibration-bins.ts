/** Predicted and observed frequency of the rows whose probability is in the bin. */
export interface CalibrationBin {
  readonly rows: number;
  /** Mean predicted probability of class 1. */
  readonly predicted: number;
  /** Observed share of class 1. */
  readonly observed: number;
}

export const CALIBRATION_BINS = 10;

/**
 * Returns the bin of a probability among equal bins (a, b], the first of which includes 0. Matches scikit-learn's
 * calibration_curve(strategy="uniform"), whose edges are multiples of the width in float64.
 */
export function uniformBin(probability: number, bins: number): number {
  const width = 1 / bins;
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
  if (bin > 0 && probability <= bin * width) bin--;
  if (bin < bins - 1 && probability > (bin + 1) * width) bin++;
  return bin;
}

/** Accumulates rows by bin of their probability. */
export class CalibrationSums {
  readonly #rows = new Float64Array(CALIBRATION_BINS);
  readonly #weight = new Float64Array(CALIBRATION_BINS);
  readonly #predicted = new Float64Array(CALIBRATION_BINS);
  readonly #observed = new Float64Array(CALIBRATION_BINS);

  /** @param label 0 or 1 @param weight a row of weight 0 is ignored */
  add(label: number, probability: number, weight = 1): void {
    if (weight === 0) return;
    const bin = uniformBin(probability, CALIBRATION_BINS);
    this.#rows[bin] = (this.#rows[bin] as number) + 1;
    this.#weight[bin] = (this.#weight[bin] as number) + weight;
    this.#predicted[bin] = (this.#predicted[bin] as number) + weight * probability;
    this.#observed[bin] = (this.#observed[bin] as number) + weight * label;
  }

  /** The bins that have rows. */
  get bins(): CalibrationBin[] {
    return Array.from(this.#rows, (rows, bin) => ({
      rows,
      predicted: (this.#predicted[bin] as number) / (this.#weight[bin] as number),
      observed: (this.#observed[bin] as number) / (this.#weight[bin] as number),
    })).filter(({ rows }) => rows > 0);
  }

  /** Weighted mean distance between predicted and observed frequency; 0 without rows. */
  get error(): number {
    let [distance, total] = [0, 0];
    for (let bin = 0; bin < CALIBRATION_BINS; bin++) {
      distance += Math.abs((this.#predicted[bin] as number) - (this.#observed[bin] as number));
      total += this.#weight[bin] as number;
    }
    return total === 0 ? 0 : distance / total;
  }
}

/**
 * Computes the predicted and observed frequency by bin of the probability. Omits empty bins.
 * @param labels 0 or 1, one per row
 * @param positive probability of class 1, one per row
 * @param weights one per row; without them, every row counts once
 */
export function calibrationBins(
  labels: ArrayLike<number>,
  positive: ArrayLike<number>,
  weights?: ArrayLike<number>,
): CalibrationBin[] {
  const sums = new CalibrationSums();
  for (let row = 0; row < labels.length; row++)
    sums.add(labels[row] as number, positive[row] as number, weights ? (weights[row] as number) : 1);
  return sums.bins;
}
