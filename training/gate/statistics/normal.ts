/** Computes the two-sided normal quantile: |z| is below it with this probability. 0.95 yields 1.959964. */
export function twoSidedZ(confidence: number): number {
  let [low, high] = [0, 40];
  // Bisection to the last bit: erfc is monotone, and this runs once per check.
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    // Compares the tails instead of the middle, which loses precision near 1.
    if (erfc(middle / Math.SQRT2) > 1 - confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Computes the complementary error function: its power series below 3, its continued fraction above
 * (Abramowitz and Stegun 7.1.6 and 7.1.14). Accurate to about 1e-14.
 */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 3) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/** Computes the normal quantile: a standard normal is below it with this probability. */
export const normalQuantile = (share: number): number =>
  share < 0.5 ? -twoSidedZ(1 - 2 * share) : share === 0.5 ? 0 : twoSidedZ(2 * share - 1);
