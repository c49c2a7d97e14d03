/** Distribution of a column's values over bins. */
export interface Bins {
  /** Inner edges, ascending. A value belongs to the first bin whose edge it does not exceed, or else to the last bin. */
  readonly edges: Float64Array;
  /** Share of the values in each bin; one more entry than edges. */
  readonly shares: Float64Array;
}

/** Number of bins per column, which is also the minimum number of rows. */
export const BINS = 10;

/**
 * Divides a column into bins that hold a tenth of its values each, or fewer bins if values repeat. Edges are the nearest-rank deciles, which are
 * values of the column: NumPy's `quantile(…, method="inverted_cdf")`.
 * @param values at least BINS finite numbers, rounded to float32 (see toFloat32)
 */
export function binsOf(values: Float64Array): Bins {
  const edges = innerEdges(values.toSorted());
  return { edges, shares: sharesIn(edges, values) };
}

/** Rounds values to float32, as the model receives them. Otherwise, rounding alone would make a column of tenths appear to drift. */
export const toFloat32 = (values: Float64Array): Float64Array => values.map(Math.fround);

/** Returns the share of the values in each bin. */
export function sharesIn(edges: Float64Array, values: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  for (const value of values) {
    const bin = binOf(edges, value);
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts.map((count) => count / values.length);
}

/** Returns the index of a value's bin. */
export function binOf(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function innerEdges(sorted: Float64Array): Float64Array {
  const deciles = Array.from(
    { length: BINS - 1 },
    (_, index) => sorted[Math.ceil(((index + 1) * sorted.length) / BINS) - 1] as number,
  );
  const edges = new Set(deciles);
  const largest = sorted[sorted.length - 1] as number;
  // A frequent value gets its own bin even if it is the largest, such as 1 in a column of 0 and 1.
  if (edges.has(largest)) edges.add(sorted.findLast((value) => value < largest) ?? justBelow(largest));
  return Float64Array.from(edges).sort();
}

const justBelow = (value: number) => value - Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);

/** Replaces the share of an empty bin, whose logarithm would be infinite. */
const SMALLEST_SHARE = 1e-4;

/**
 * Computes the population stability index of two distributions over the same bins: the sum of (actual - expected) x ln(actual / expected). By the usual
 * rule of thumb (Siddiqi, Credit Risk Scorecards, 2006), a value below 0.1 is stable and a value above 0.25 is a shift.
 */
export function populationStabilityIndex(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let index = 0;
  for (let bin = 0; bin < expected.length; bin++) {
    const before = Math.max(expected[bin] as number, SMALLEST_SHARE);
    const after = Math.max(actual[bin] ?? 0, SMALLEST_SHARE);
    index += (after - before) * Math.log(after / before);
  }
  return index;
}
