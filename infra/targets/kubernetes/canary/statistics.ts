export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** Wilson's score interval of a share, count of total. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212. */
export function wilson(count: number, total: number, z: number): Interval {
  if (total === 0) return { lower: 0, upper: 1 };
  const share = count / total;
  const squared = z ** 2;
  const centre = share + squared / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + squared / (4 * total ** 2));
  const scale = 1 + squared / total;
  return { lower: Math.max(0, (centre - spread) / scale), upper: Math.min(1, (centre + spread) / scale) };
}

/**
 * Interval of the difference of two shares, first minus second: Newcombe's hybrid score interval, suited to rare events and small
 * numbers. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
 */
export function difference(
  first: [count: number, total: number],
  second: [count: number, total: number],
  z: number,
): Interval {
  const [share1, share2] = [first[0] / (first[1] || 1), second[0] / (second[1] || 1)];
  const [one, two] = [wilson(...first, z), wilson(...second, z)];
  const gap = share1 - share2;
  return {
    lower: gap - Math.hypot(share1 - one.lower, two.upper - share2),
    upper: gap + Math.hypot(one.upper - share1, share2 - two.lower),
  };
}

/**
 * Quantile of a histogram, linear within a bucket, like Prometheus' histogram_quantile. In the last bucket, which has no
 * upper bound, the highest finite bound. NaN for an empty histogram.
 * @param buckets counts by upper bound, not cumulative
 * @param share 0 to 1
 */
export function quantile(buckets: ReadonlyMap<number, number>, share: number): number {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const rank = Math.min(1, Math.max(0, share)) * sorted.reduce((total, [, count]) => total + count, 0);
  let [lower, below] = [0, 0];
  for (const [bound, count] of sorted) {
    if (count > 0 && below + count >= rank)
      return bound === Infinity ? lower : lower + (bound - lower) * ((rank - below) / count);
    below += count;
    if (bound !== Infinity) lower = bound;
  }
  return Number.NaN;
}

/** Interval of a quantile by the binomial spread of its rank. Conover, Practical Nonparametric Statistics, 3.2. */
export function quantileInterval(buckets: ReadonlyMap<number, number>, share: number, z: number): Interval {
  const total = [...buckets.values()].reduce((sum, count) => sum + count, 0);
  const spread = z * Math.sqrt((share * (1 - share)) / total);
  return { lower: quantile(buckets, share - spread), upper: quantile(buckets, share + spread) };
}

/** Median of a sample and its interval by the binomial spread of its rank: Conover, as above. Too few values bound nothing. @param values at least one */
export function medianInterval(values: readonly number[], z: number): Interval & { readonly value: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const { length } = sorted;
  const half = length / 2;
  const spread = (z * Math.sqrt(length)) / 2;
  const ranked = (rank: number) => sorted[rank - 1];
  const [below = Number.NaN, above = Number.NaN] = [ranked(Math.ceil(half)), ranked(Math.floor(half) + 1)];
  return {
    value: (below + above) / 2,
    lower: ranked(Math.ceil(half - spread)) ?? -Infinity,
    upper: ranked(Math.ceil(half + spread)) ?? Infinity,
  };
}

/** Formats a share. */
export const percent = ([count, of]: readonly [count: number, of: number]): string =>
  `${((100 * count) / (of || 1)).toFixed(1)} %`;
