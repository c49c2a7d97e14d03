/** Computes P(X <= successes) of a binomial by summing downward from the largest term until terms become negligible. */
export function lowerTail(successes: number, trials: number, share: number): number {
  if (successes >= trials || share <= 0) return 1;
  if (share >= 1 || successes < 0) return 0;
  const odds = share / (1 - share);
  // Above the mean, the other tail has fewer terms.
  if (successes > trials * share) return 1 - lowerTail(trials - successes - 1, trials, 1 - share);
  let term = binomialTerm(successes, trials, share);
  let sum = term;
  for (let k = successes; k > 0 && term > sum * 1e-17; k--) {
    term *= k / ((trials - k + 1) * odds);
    sum += term;
  }
  return sum;
}

/** Computes P(X = successes) of a binomial. */
export function binomialTerm(successes: number, trials: number, share: number): number {
  if (share <= 0) return successes === 0 ? 1 : 0;
  if (share >= 1) return successes === trials ? 1 : 0;
  return Math.exp(
    logChoose(trials, successes) + successes * Math.log(share) + (trials - successes) * Math.log1p(-share),
  );
}

/** Finds the share at which `below` changes from true to false. */
export function bisect(below: (share: number) => boolean, from = 0, to = 1): number {
  let [low, high] = [from, to];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const logChoose = (n: number, k: number) => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

/** Computes ln(n!): the exact sum for small n, else Stirling's series to n^-5, with an error below 1e-15. */
function logFactorial(n: number): number {
  if (n < 64) {
    let sum = 0;
    for (let k = 2; k <= n; k++) sum += Math.log(k);
    return sum;
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series;
}
