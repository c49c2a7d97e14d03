import type { RowStatistic } from "../metrics/metric.ts";
import { seededRandom } from "./random.ts";

interface Rows {
  readonly rows: number;
  /** One a row; every row counts once without them. */
  readonly weights?: Float64Array;
}

/** Draws of a resample; a million rows get the fewest, which keeps a metric to a few seconds. */
const DRAWS = 2e8;
const FEWEST = 200;
const MOST = 2_000;

export const resamples = (rows: number): number => Math.min(MOST, Math.max(FEWEST, Math.floor(DRAWS / rows)));

/**
 * Percentile bootstrap: rows are drawn with replacement, the same draws for the same seed and number of rows, so that two models
 * that are compared on the same rows get the same resamples.
 * @param confidence two-sided, such as 0.95
 * @returns undefined when the statistic is not defined on more than half of the resamples
 */
export function bootstrap(
  { rows, weights: own }: Rows,
  statistic: RowStatistic,
  { confidence, seed }: { readonly confidence: number; readonly seed: number },
): [number, number] | undefined {
  const random = seededRandom(seed);
  const count = resamples(rows);
  const drawn = new Uint16Array(rows);
  const weights = own ? new Float64Array(rows) : drawn;
  const values: number[] = [];
  for (let resample = 0; resample < count; resample++) {
    drawn.fill(0);
    for (let draw = 0; draw < rows; draw++) {
      const row = random.below(rows);
      drawn[row] = (drawn[row] as number) + 1;
    }
    if (own) for (let row = 0; row < rows; row++) weights[row] = (drawn[row] as number) * (own[row] as number);
    const value = statistic(weights);
    if (!Number.isNaN(value)) values.push(value);
  }
  if (values.length * 2 < count) return undefined;
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - confidence) / 2;
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
}

/** Linear interpolation between order statistics, as NumPy's quantile has it. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}
