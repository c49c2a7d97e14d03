import { bisect, lowerTail } from "./binomial.ts";
import { twoSidedZ } from "./normal.ts";

/** With fewer successes or failures, the end of Wilson's interval on that side may have several times the nominal one-sided error. */
const MIN_FOR_WILSON = 10;

export interface ProportionInterval {
  readonly interval: [number, number];
  /** The method's usual name. */
  readonly method: "Wilson score interval" | "Clopper-Pearson exact interval";
}

/**
 * Computes the interval of a proportion: Wilson's score interval (1927) with at least 10 successes and 10 failures, else Clopper and Pearson's exact
 * interval (1934), whose one-sided error never exceeds the nominal one. Near 0 and 1, Wilson's error reaches 0.1 for a nominal 0.025 (Cai 2005, "One-sided confidence
 * intervals in discrete distributions", Journal of Statistical Planning and Inference 131).
 * @param confidence two-sided, such as 0.95
 * @returns [0, 1] without trials
 */
export function proportion(successes: number, trials: number, confidence: number): ProportionInterval {
  return Math.min(successes, trials - successes) >= MIN_FOR_WILSON
    ? { interval: wilson(successes, trials, confidence), method: "Wilson score interval" }
    : { interval: clopperPearson(successes, trials, confidence), method: "Clopper-Pearson exact interval" };
}

/**
 * Computes Clopper and Pearson's exact interval: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Clopper-Pearson_interval
 * @returns [0, 1] without trials
 */
export function clopperPearson(successes: number, trials: number, confidence: number): [number, number] {
  const tail = (1 - confidence) / 2;
  const low = successes === 0 ? 0 : bisect((share) => lowerTail(trials - successes, trials, 1 - share) < tail);
  const high = successes === trials ? 1 : bisect((share) => lowerTail(successes, trials, share) > tail);
  return [low, high];
}

/**
 * Computes Wilson's score interval of a proportion: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
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
  // Exactly 0 and 1 at the ends, where rounding could leave 1e-17.
  return [successes === 0 ? 0 : center - half, successes === trials ? 1 : center + half];
}
