/** A confidence interval and its method, in one line. */
export interface Found {
  readonly interval: readonly [number, number];
  readonly why: string;
}

/** Reason why there is no interval. */
export interface TooFew {
  readonly tooFew: string;
}

export type MaybeInterval = Found | TooFew;

export const isFound = (result: MaybeInterval): result is Found => "interval" in result;

export const tooFew = (reason: string): TooFew => ({ tooFew: reason });

/** Seed of all random numbers of the gate, so that the same rows and model get the same interval. */
export const SEED = 42;

/** Returns the equivalent number of rows with equal weights: (sum of weights)^2 / sum of their squares (Kish 1965). */
export function effectiveRows(weights: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < weights.length; row++) {
    sum += weights[row] as number;
    squares += (weights[row] as number) ** 2;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}

/**
 * Returns the number of equally weighted rows whose share of successes would vary as much as this weighted share (Korn and Graubard 1998, "Confidence
 * intervals for proportions with small expected number of positive counts estimated from survey data", Survey Methodology 24), at most effectiveRows.
 * It is smaller than effectiveRows if the heavier rows decide the share, as with weights by class.
 */
export function effectiveTrials(weights: ArrayLike<number>, isSuccess: (row: number) => boolean): number {
  let [sum, squares, hits, squaredHits] = [0, 0, 0, 0];
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    sum += weight;
    squares += weight ** 2;
    if (!isSuccess(row)) continue;
    hits += weight;
    squaredHits += weight ** 2;
  }
  if (!(squares > 0)) return 0;
  const share = hits / sum;
  const variance = (1 - share) ** 2 * squaredHits + share ** 2 * (squares - squaredHits);
  const kish = (sum * sum) / squares;
  return variance > 0 ? Math.min(kish, (share * (1 - share) * sum * sum) / variance) : kish;
}
