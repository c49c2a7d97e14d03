/** Replaces the share of an empty bin, whose logarithm would be infinite. */
const SMALLEST_SHARE = 1e-4;

/**
 * Population stability index of two distributions over the same bins: the sum of (actual - expected) x ln(actual / expected). By the usual rule of
 * thumb (Siddiqi, Credit Risk Scorecards, 2006) below 0.1 is stable and above 0.25 is a shift.
 */
export function populationStabilityIndex(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  let index = 0;
  for (let bin = 0; bin < expected.length; bin++) {
    const wanted = Math.max(expected[bin] as number, SMALLEST_SHARE);
    const found = Math.max(actual[bin] ?? 0, SMALLEST_SHARE);
    index += (found - wanted) * Math.log(found / wanted);
  }
  return index;
}
