/** Computes the two-sample Kolmogorov-Smirnov statistic, the largest distance between the distribution functions. Both samples must be sorted. */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i] as number, second[j] as number);
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / first.length - j / second.length));
  }
  return largest;
}

/** With more rows in either sample, the limiting distribution is used, which is off by a few percent at most. SciPy switches at the same size. */
const EXACT_ROWS = 10_000;
/** Below this p-value, the exact computation is slow and its digits are irrelevant. */
const NEGLIGIBLE = 1e-12;

/**
 * Computes the two-sided p-value of the statistic, as in scipy.stats.ks_2samp: exact for up to 10,000 rows, by the limiting distribution
 * above. For columns with ties it is conservative, that is, too large.
 */
export function ksPValue(statistic: number, n: number, m: number): number {
  const limit = limitingPValue(statistic * Math.sqrt((n * m) / (n + m)));
  return Math.max(n, m) > EXACT_ROWS || limit < NEGLIGIBLE ? limit : exactPValue(Math.round(statistic * n * m), n, m);
}

/** Computes Kolmogorov's distribution (scipy.special.kolmogorov): 2 sum (-1)^(k-1) exp(-2 k^2 x^2). */
function limitingPValue(x: number): number {
  // Below 0.2 the series converges too slowly, and the p-value is 1 to twelve digits.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/**
 * Computes the probability that two samples of one distribution, merged in order, are ever `distance` or more apart (in units of 1 / (n m)). A path
 * of n + m steps, one per row, reaches (i, j) from (i - 1, j) with probability i / (i + j): Hodges 1958, like R's psmirnov. Sums the probability of
 * having left the band, which stays precise if it is small.
 */
function exactPValue(distance: number, n: number, m: number): number {
  if (distance === 0) return 1;
  // A path beyond the band around the diagonal has left it with probability 1.
  const outside = new Float64Array(m + 1).fill(1);
  for (let i = 0; i <= n; i++) {
    const from = Math.max(0, Math.floor((i * m - distance) / n) + 1);
    const to = Math.min(m, Math.ceil((i * m + distance) / n) - 1);
    if (from > 0) outside[from - 1] = 1;
    for (let j = from; j <= to; j++) {
      const left = j > 0 ? (outside[j - 1] as number) : 0;
      outside[j] = i + j === 0 ? 0 : (i * (outside[j] as number) + j * left) / (i + j);
    }
  }
  return outside[m] as number;
}
