import type { FloatArray } from "../../../data/number-array.ts";
import type { BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import { scoreOrder, thresholdCurve } from "../metrics/threshold-curve.ts";
import { averagePrecisionEstimate } from "../statistics/average-precision.ts";
import { type Estimate, studentQuantile } from "../statistics/estimate.ts";
import { normalQuantile, twoSidedZ } from "../statistics/normal.ts";
import { newcombeArea, onLogit, rocArea } from "../statistics/roc-area.ts";
import { effectiveByClass } from "./enough-rows.ts";
import { effectiveRows, type Found } from "./interval.ts";

const scoresOf = ({ scores, positive }: BinaryRows): FloatArray => scores ?? positive ?? new Float64Array();

export const rocAreaEstimate = (rows: BinaryRows, weights?: ArrayLike<number>): Estimate =>
  rocArea({ scores: scoresOf(rows), groups: rows.labels, order: scoreOrder(rows).order, weights });

export const precisionEstimate = (rows: BinaryRows, weights?: ArrayLike<number>): Estimate =>
  averagePrecisionEstimate({ scores: scoresOf(rows), labels: rows.labels, order: scoreOrder(rows).order }, weights);

/** Effective rows of the rarest class and of all others. */
function sizes(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): readonly [number, number] {
  const counts = effectiveByClass(rows, weights).filter((count) => count > 0);
  const rarest = Math.min(...counts);
  return [rarest, counts.reduce((sum, count) => sum + count, 0) - rarest];
}

/** With fewer rows of the rarest class, DeLong's variance is too small, and zero if all pairs are ranked correctly. */
const ENOUGH_FOR_DELONG = 50;

/** DeLong's interval on the logit scale; with few rows of a class, or all pairs ranked correctly, the wider ends of it and of Newcombe's. */
export function areaInterval(
  estimate: Estimate,
  rows: BinaryRows | MulticlassRows,
  confidence: number,
  weights?: ArrayLike<number>,
): Found {
  const [first, second] = sizes(rows, weights);
  const [low, high] = onLogit(estimate, twoSidedZ(confidence));
  if (first >= ENOUGH_FOR_DELONG && low < high)
    return { interval: [low, high], why: "DeLong's interval on the logit scale" };
  const wide = newcombeArea(estimate.value, first, second, confidence);
  return {
    interval: [Math.min(low, wide[0]), Math.max(high, wide[1])],
    why: "wider ends of DeLong's interval on the logit scale and Newcombe's",
  };
}

/** On the logit scale (Boyd, Eng and Page 2013), with Student's quantile for the positive rows. */
export function averagePrecisionInterval(rows: BinaryRows, confidence: number, weights?: ArrayLike<number>): Found {
  const estimate = precisionEstimate(rows, weights);
  const [positives] = sizes(rows, weights);
  const reach = studentQuantile(1 - (1 - confidence) / 2, Math.max(2, positives - 1));
  const differ = weights && effectiveRows(weights) < rows.rows * (1 - 1e-9);
  // The influences of few heavy rows understate their error: measured by npm run bench:coverage.
  const wider = differ ? Math.sqrt(positives / Math.max(1, positives - 2)) : 1;
  return {
    interval: onLogit(estimate, reach * wider),
    why: "interval on the logit scale by the rows' influences, Student's quantile",
  };
}

/**
 * Interval of the largest distance between two distribution functions, which is biased upward.
 * - Upper: at the threshold of the true distance, the observed distance is unbiased and at most the largest observed one.
 * - Lower: the largest error of the difference of both curves is less than that of one sample of 1 / (1 / positives + 1 / negatives) rows, whose
 *   one-sided quantile is Smirnov's, sqrt(-ln(tail) / 2): conservative.
 */
export function distanceInterval(rows: BinaryRows, confidence: number, weights?: ArrayLike<number>): Found {
  const { truePositives, falsePositives } = thresholdCurve(rows, weights);
  const [positives, negatives] = [truePositives.at(-1) ?? 0, falsePositives.at(-1) ?? 0];
  const [effectiveNegatives = 0, effectivePositives = 0] = effectiveByClass(rows, weights);
  const tail = (1 - confidence) / 2;
  const reach = normalQuantile(1 - tail);
  let [largest, upper] = [0, 0];
  for (let point = 0; point < truePositives.length; point++) {
    const [found, wrong] = [
      (truePositives[point] as number) / positives,
      (falsePositives[point] as number) / negatives,
    ];
    const variance = (found * (1 - found)) / effectivePositives + (wrong * (1 - wrong)) / effectiveNegatives;
    const distance = Math.abs(found - wrong);
    largest = Math.max(largest, distance);
    upper = Math.max(upper, distance + reach * Math.sqrt(variance));
  }
  const most = Math.sqrt(-Math.log(tail) / 2) * Math.sqrt(1 / effectivePositives + 1 / effectiveNegatives);
  return {
    interval: [Math.max(0, largest - most), Math.min(1, upper)],
    why: "Smirnov's band below, the largest pointwise upper bound above",
  };
}
