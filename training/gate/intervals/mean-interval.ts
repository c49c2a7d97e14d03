import type { RowLosses } from "../metrics/metric.ts";
import { bisect } from "../statistics/binomial.ts";
import { type Estimate, hall, meanOf } from "../statistics/estimate.ts";

const METHOD = "Hall's skewness-corrected interval of a mean";

/** Estimates a metric from row losses, with each row's influence. Averages over several targets. */
export function lossEstimate(targets: readonly RowLosses[], weights?: ArrayLike<number>): Estimate {
  const estimates = targets.map((target) => targetEstimate(target, weights));
  const [first] = estimates;
  if (first && estimates.length === 1) return first;
  const influences = new Float64Array(first?.influences.length ?? 0);
  for (const estimate of estimates)
    for (let row = 0; row < influences.length; row++)
      influences[row] = (influences[row] as number) + (estimate.influences[row] as number) / estimates.length;
  return { value: estimates.reduce((sum, { value }) => sum + value, 0) / estimates.length, influences };
}

/** Estimates the metric of one target. For a root or a ratio, uses the delta method. */
function targetEstimate({ kind, losses, constant }: RowLosses, weights?: ArrayLike<number>): Estimate {
  const mean = meanOf(losses, weights);
  if (kind === "root") {
    const root = Math.sqrt(mean.value);
    return {
      value: root,
      influences: root > 0 ? mean.influences.map((influence) => influence / 2 / root) : mean.influences,
    };
  }
  if (kind !== "ratio" || !constant) return mean;
  const best = meanOf(constant, weights);
  const ratio = mean.value / best.value;
  return {
    value: 1 - ratio,
    influences: mean.influences.map(
      (influence, row) => (ratio * (best.influences[row] as number) - influence) / best.value,
    ),
  };
}

/**
 * Computes the interval of a metric derived from means of row losses, by Hall's method. For a root, takes the root of the ends. For a ratio of two
 * means, tests each ratio (Fieller 1954): it is in the interval if the mean of losses - ratio x constant may be 0.
 */
export function lossInterval(
  targets: readonly RowLosses[],
  confidence: number,
  weights?: ArrayLike<number>,
): { readonly interval: [number, number]; readonly why: string } {
  const [only] = targets;
  if (targets.length !== 1 || !only)
    return { interval: hall(lossEstimate(targets, weights), confidence), why: `${METHOD}, delta method over targets` };
  if (only.kind === "ratio" && only.constant) return ratioInterval(only.losses, only.constant, confidence, weights);
  const [low, high] = hall(meanOf(only.losses, weights), confidence);
  if (only.kind === "root")
    return { interval: [Math.sqrt(Math.max(0, low)), Math.sqrt(high)], why: `${METHOD} square` };
  return { interval: [low, high], why: METHOD };
}

/** Upper end of the search for a ratio. */
const LARGEST_RATIO = 1e3;

function ratioInterval(
  losses: Float64Array,
  constant: Float64Array,
  confidence: number,
  weights?: ArrayLike<number>,
): { readonly interval: [number, number]; readonly why: string } {
  const residuals = losses.slice();
  const at = (ratio: number) => {
    for (let row = 0; row < residuals.length; row++)
      residuals[row] = (losses[row] as number) - ratio * (constant[row] as number);
    return hall(meanOf(residuals, weights), confidence);
  };
  const { value } = meanOf(losses, weights);
  const ratio = value / meanOf(constant, weights).value;
  const largest = bisect((candidate) => at(candidate)[1] > 0, ratio, LARGEST_RATIO);
  const smallest = bisect((candidate) => at(candidate)[0] > 0, 0, ratio);
  return { interval: [1 - largest, 1 - smallest], why: `${METHOD}, Fieller's method for a ratio` };
}
