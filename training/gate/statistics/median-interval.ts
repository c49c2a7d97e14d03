import { lowerTail } from "./binomial.ts";

/**
 * Shares of the rows between whose quantiles the median lies: the order statistics that the binomial distribution gives (Hahn and Meeker 1991,
 * Statistical Intervals, 5.2). Holds for any distribution; the one-sided error is at most the nominal one.
 * @param rows at least; effective ones where they have weights
 * @returns places of the order statistics from 1 to rows; undefined where even the smallest and the largest value are too close
 */
export function medianPlaces(rows: number, confidence: number): readonly [number, number] | undefined {
  const tail = (1 - confidence) / 2;
  let place = 0;
  while (lowerTail(place, rows, 0.5) <= tail) place++;
  return place === 0 ? undefined : [place, rows + 1 - place];
}
