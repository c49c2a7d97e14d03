import { normalQuantile, twoSidedZ } from "./normal.ts";

/** Probability of detecting an existing difference. */
export const POWER = 0.8;

interface Observed {
  readonly rows: number;
  /** Two-sided interval on these rows. */
  readonly interval: readonly [number, number];
  /** Confidence of the interval, such as 0.95. */
  readonly confidence: number;
  /** Distance from the value to the bound; the margin, if the models are assumed equally good. */
  readonly distance: number;
}

/**
 * Computes the number of rows at which the interval's end is within the distance with 80 % power. By normal approximation, this is rows x ((z + z of the
 * power) x standard error / distance)^2, where the standard error is half the interval's width / z.
 * @returns Infinity if there is no distance
 */
export function rowsForPower({ rows, interval: [low, high], confidence, distance }: Observed): number {
  const z = twoSidedZ(confidence);
  const error = (high - low) / 2 / z;
  return distance > 0
    ? Math.ceil(rows * (((z + normalQuantile(POWER)) * error) / distance) ** 2)
    : Number.POSITIVE_INFINITY;
}

/** Formats an estimate, rounded up to two digits: `about 3,900 rows`. */
export function aboutRows(rows: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return `about ${(Math.ceil(rows / unit - 1e-9) * unit).toLocaleString("en-US")} rows`;
}
