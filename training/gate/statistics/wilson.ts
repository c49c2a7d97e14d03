import { twoSidedZ } from "./normal.ts";

/**
 * Wilson's score interval of a proportion: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
 * @param successes of `trials`
 * @param confidence two-sided, such as 0.95
 * @returns [0, 1] without trials
 */
export function wilson(successes: number, trials: number, confidence: number): [number, number] {
  if (trials === 0) return [0, 1];
  const z = twoSidedZ(confidence);
  const share = successes / trials;
  const scale = 1 + (z * z) / trials;
  const center = (share + (z * z) / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // Exactly 0 and 1 at the ends, where rounding would leave 1e-17.
  return [successes === 0 ? 0 : center - half, successes === trials ? 1 : center + half];
}
