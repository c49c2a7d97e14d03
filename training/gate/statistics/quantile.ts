import { lowerTail } from "./binomial.ts";

/** Interpolates linearly between order statistics, like NumPy's quantile. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

/**
 * Returns the order statistics between which the median lies, from the binomial distribution (Hahn and Meeker 1991,
 * Statistical Intervals, 5.2). Valid for any distribution: the one-sided error is at most the nominal one.
 * @param rows number of rows; effective rows if they are weighted
 * @returns ranks from 1 to rows; undefined if even the smallest and the largest value do not reach the confidence
 */
export function medianRanks(rows: number, confidence: number): readonly [number, number] | undefined {
  const tail = (1 - confidence) / 2;
  let rank = 0;
  while (lowerTail(rank, rows, 0.5) <= tail) rank++;
  return rank === 0 ? undefined : [rank, rows + 1 - rank];
}
