import { bisect, lowerTail } from "./binomial.ts";
import { twoSidedZ } from "./normal.ts";

/** Number of rows for which only one of two models is correct. */
export interface Discordant {
  /** Rows that only the candidate predicted correctly. */
  readonly gained: number;
  /** Rows that only the champion predicted correctly. */
  readonly lost: number;
}

/**
 * Computes McNemar's exact test: the two-sided p-value of `gained` against Binomial(gained + lost, 1/2), as in R's binom.test and
 * SciPy's binomtest. 1 if no row is discordant.
 */
export function mcnemar({ gained, lost }: Discordant): number {
  return Math.min(1, 2 * lowerTail(Math.min(gained, lost), gained + lost, 0.5));
}

/**
 * Computes Tango's score interval of the difference between two accuracies on the same rows, the candidate's minus the champion's (Tango 1998,
 * "Equivalence test and confidence interval for the difference in proportions for the paired-sample design", Statistics in Medicine 17). Needs no
 * discordant row: without one, the ends are -z^2 / (rows + z^2) and z^2 / (rows + z^2).
 * @param confidence two-sided, such as 0.95
 */
export function tango({ gained, lost }: Discordant, rows: number, confidence: number): [number, number] {
  if (rows === 0) return [-1, 1];
  const z = twoSidedZ(confidence);
  const score = (difference: number) => tangoScore({ gained, lost }, rows, difference);
  const value = (gained - lost) / rows;
  return [
    bisect((difference) => score(difference) > z, -1, value),
    bisect((difference) => score(difference) > -z, value, 1),
  ];
}

/** Computes the score, standard normal if the true difference is `difference`: observed minus true difference, divided by its standard error then. */
function tangoScore({ gained, lost }: Discordant, rows: number, difference: number): number {
  const distance = gained - lost - rows * difference;
  if (distance === 0) return 0;
  // Maximum likelihood estimate, under this difference, of the share of rows that only the champion predicts correctly.
  const a = 2 * rows;
  const b = -gained - lost + (2 * rows - gained + lost) * difference;
  const c = -lost * difference * (1 - difference);
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = rows * (2 * share + difference * (1 - difference));
  return variance > 0 ? distance / Math.sqrt(variance) : distance * Number.POSITIVE_INFINITY;
}
