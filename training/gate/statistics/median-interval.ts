import { lowerTail } from "./binomial.ts";

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
