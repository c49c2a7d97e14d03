import { lowerTail } from "./binomial.ts";

/** Pairs of correct and wrong predictions of two models on the same rows. */
export interface Discordant {
  /** Rows that only the candidate predicted correctly. */
  readonly gained: number;
  /** Rows that only the champion predicted correctly. */
  readonly lost: number;
}

/**
 * McNemar's exact test: the two-sided p-value of `gained` against Binomial(gained + lost, 1/2), as in R's binom.test and
 * SciPy's binomtest. 1 without a discordant row.
 */
export function mcnemar({ gained, lost }: Discordant): number {
  return Math.min(1, 2 * lowerTail(Math.min(gained, lost), gained + lost, 0.5));
}
