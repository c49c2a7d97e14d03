/** Pairs of right and wrong answers of two models on the same rows. */
export interface Discordant {
  /** Rows that only the candidate got right. */
  readonly gained: number;
  /** Rows that only the champion got right. */
  readonly lost: number;
}

/**
 * McNemar's exact test: the two-sided p-value of `gained` against Binomial(gained + lost, 1/2), the one of R's binom.test and
 * SciPy's binomtest. 1 without a discordant row.
 */
export function mcnemar({ gained, lost }: Discordant): number {
  return Math.min(1, 2 * lowerTail(Math.min(gained, lost), gained + lost, 0.5));
}

/**
 * Exact confidence interval of the difference of two accuracies on the same rows, the candidate's minus the champion's: given
 * the number of discordant rows, `gained` is binomial; its Clopper-Pearson interval [p, q] gives (2p - 1, 2q - 1) x
 * discordant / rows. It excludes 0 exactly when McNemar's exact test is significant.
 * @param confidence two-sided, such as 0.95
 */
export function accuracyDifference(pairs: Discordant, rows: number, confidence: number): [number, number] {
  const discordant = pairs.gained + pairs.lost;
  if (discordant === 0) return [0, 0];
  const [low, high] = clopperPearson(pairs.gained, discordant, confidence);
  return [((2 * low - 1) * discordant) / rows, ((2 * high - 1) * discordant) / rows];
}

/** https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Clopper-Pearson_interval */
export function clopperPearson(successes: number, trials: number, confidence: number): [number, number] {
  const tail = (1 - confidence) / 2;
  const low = successes === 0 ? 0 : bisect((share) => lowerTail(trials - successes, trials, 1 - share) < tail);
  const high = successes === trials ? 1 : bisect((share) => lowerTail(successes, trials, share) > tail);
  return [low, high];
}

/** The share at which `below` turns from true to false. */
function bisect(below: (share: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(X <= successes) of a binomial, summed from its largest term down until terms no longer count. */
export function lowerTail(successes: number, trials: number, share: number): number {
  if (successes >= trials || share <= 0) return 1;
  if (share >= 1) return 0;
  const odds = share / (1 - share);
  // Above the mean the other tail is the shorter one.
  if (successes > trials * share) return 1 - lowerTail(trials - successes - 1, trials, 1 - share);
  let term = Math.exp(
    logChoose(trials, successes) + successes * Math.log(share) + (trials - successes) * Math.log1p(-share),
  );
  let sum = term;
  for (let k = successes; k > 0 && term > sum * 1e-17; k--) {
    term *= k / ((trials - k + 1) * odds);
    sum += term;
  }
  return sum;
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** Exact sum for small numbers; above, Stirling's series to n^-5, whose error is below 1e-15. */
function logFactorial(n: number): number {
  if (n < 64) {
    let sum = 0;
    for (let k = 2; k <= n; k++) sum += Math.log(k);
    return sum;
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series;
}
