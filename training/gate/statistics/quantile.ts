import { lowerTail } from "./binomial.ts";

/** Linear interpolation between order statistics, like NumPy's quantile. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

/**
 * Order statistics between which the median lies, from the binomial distribution (Hahn and Meeker 1991,
 * Statistical Intervals, 5.2). Valid for any distribution; the one-sided error is at most the nominal one.
 * @param rows number of rows; effective rows if they are weighted
 * @returns positions of the order statistics from 1 to rows; undefined if even the smallest and the largest value are too close
 */
export function medianPlaces(rows: number, confidence: number): readonly [number, number] | undefined {
  const tail = (1 - confidence) / 2;
  let place = 0;
  while (lowerTail(place, rows, 0.5) <= tail) place++;
  return place === 0 ? undefined : [place, rows + 1 - place];
}
