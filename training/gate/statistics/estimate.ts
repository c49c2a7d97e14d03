import { normalQuantile } from "./normal.ts";

/** A value with each row's contribution to its error. Approximately, value = truth + mean of the influences. */
export interface Estimate {
  readonly value: number;
  /** Empirical influence function, one per row; its mean is 0. */
  readonly influences: Float64Array;
}

/** Computes the standard error from the influences (infinitesimal jackknife). */
export function standardError({ influences }: Estimate): number {
  const rows = influences.length;
  return Math.sqrt(sumOf(influences, 2) / rows / (rows - 1));
}

/** Subtracts two estimates on the same rows. */
export const difference = (one: Estimate, other: Estimate): Estimate => ({
  value: one.value - other.value,
  influences: one.influences.map((influence, row) => influence - (other.influences[row] as number)),
});

/** Estimates the mean of row values. */
export function meanOf(values: Float64Array, weights?: ArrayLike<number>): Estimate {
  const rows = values.length;
  let [sum, total] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    // A row of weight 0 is ignored, and its value may be NaN.
    if (weight !== 0) sum += weight * (values[row] as number);
    total += weight;
  }
  const mean = sum / total;
  const influences = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    if (weight !== 0) influences[row] = (weight * ((values[row] as number) - mean) * rows) / total;
  }
  return { value: mean, influences };
}

/**
 * Computes Hall's interval of a mean, by a monotone cubic transformation that removes skewness (Hall 1992, "On the removal of skewness by transformation",
 * JRSS B 54), with Student's quantile. Its one-sided error is of order 1 / rows, while the plain interval's is of order 1 / sqrt(rows).
 * @param confidence two-sided, such as 0.95
 */
export function hall(estimate: Estimate, confidence: number): [number, number] {
  const { value, influences } = estimate;
  const rows = influences.length;
  const squares = sumOf(influences, 2) / rows;
  if (!(squares > 0)) return [value, value];
  const skewness = sumOf(influences, 3) / rows / squares ** 1.5;
  const deviation = Math.sqrt((squares * rows) / (rows - 1));
  const reach = studentQuantile(1 - (1 - confidence) / 2, rows - 1) / Math.sqrt(rows);
  const back = (x: number) =>
    Math.abs(skewness) < 1e-6 ? x : (3 * (Math.cbrt(1 + skewness * (x - skewness / (6 * rows))) - 1)) / skewness;
  return [value - deviation * back(reach), value - deviation * back(-reach)];
}

function sumOf(values: Float64Array, power: 2 | 3): number {
  let sum = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    sum += power === 2 ? value * value : value * value * value;
  }
  return sum;
}

/**
 * Computes Student's quantile by its expansion in 1 / freedom (Abramowitz and Stegun 26.7.5). For a share of 0.975, it is accurate to 0.001 with at least
 * 10 degrees of freedom.
 */
export function studentQuantile(share: number, freedom: number): number {
  const z = normalQuantile(share);
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
  ];
  return terms.reduce((sum, term, index) => sum + term / freedom ** (index + 1), z);
}
