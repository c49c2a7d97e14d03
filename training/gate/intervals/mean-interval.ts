import type { RowLosses } from "../metrics/metric.ts";
import { bisect } from "../statistics/binomial.ts";
import { type Estimate, hall, meanOf } from "../statistics/estimate.ts";

const METHOD = "Hall's interval of a mean, without skewness";

/** A metric of rows' losses with each row's contribution; with several targets, their mean. */
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

/** By the delta method, if it is not the mean itself. */
function targetEstimate({ kind, losses, constant }: RowLosses, weights?: ArrayLike<number>): Estimate {
  const mean = meanOf(losses, weights);
  if (kind === "root") {
    const root = Math.sqrt(mean.value);
    return { value: root, influences: root > 0 ? mean.influences.map((one) => one / 2 / root) : mean.influences };
  }
  if (kind !== "ratio" || !constant) return mean;
  const best = meanOf(constant, weights);
  const ratio = mean.value / best.value;
  return {
    value: 1 - ratio,
    influences: mean.influences.map((one, row) => (ratio * (best.influences[row] as number) - one) / best.value),
  };
}

/**
 * Interval of a metric derived from means of rows' losses, by Hall's method. For a root, the root of the ends. The ratio of two means is tested at
 * each value (Fieller 1954): it is in the interval if the mean of losses - ratio x constant may be 0.
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

/** Larger ratios count as infinite. */
const LARGEST_RATIO = 1e3;

function ratioInterval(
  losses: Float64Array,
  constant: Float64Array,
  confidence: number,
  weights?: ArrayLike<number>,
): { readonly interval: [number, number]; readonly why: string } {
  const rests = losses.slice();
  const at = (ratio: number) => {
    for (let row = 0; row < rests.length; row++)
      rests[row] = (losses[row] as number) - ratio * (constant[row] as number);
    return hall(meanOf(rests, weights), confidence);
  };
  const { value } = meanOf(losses, weights);
  const ratio = value / meanOf(constant, weights).value;
  const largest = bisect((one) => at(one)[1] > 0, ratio, LARGEST_RATIO);
  const smallest = bisect((one) => at(one)[0] > 0, 0, ratio);
  return { interval: [1 - largest, 1 - smallest], why: `${METHOD}, Fieller's for a ratio` };
}
