/** A confidence interval with its method, in one line. */
export interface Found {
  readonly interval: readonly [number, number];
  readonly why: string;
}

/** Why there is none. */
export interface TooFew {
  readonly tooFew: string;
}

export type MaybeInterval = Found | TooFew;

export const isFound = (one: MaybeInterval): one is Found => "interval" in one;

export const tooFew = (reason: string): TooFew => ({ tooFew: reason });

/** Seed of all random numbers of the gate: the same rows and model get the same interval. */
export const SEED = 42;

/** Equivalent number of rows with equal weights: (sum of weights)^2 / sum of their squares (Kish 1965). */
export function effectiveRows(weights: ArrayLike<number>): number {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < weights.length; row++) {
    sum += weights[row] as number;
    squares += (weights[row] as number) ** 2;
  }
  return squares > 0 ? (sum * sum) / squares : 0;
}
