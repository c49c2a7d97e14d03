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

/** Estimates the ROC AUC with DeLong's influences. */
export const rocAreaEstimate = (rows: BinaryRows, weights?: ArrayLike<number>): Estimate =>
  rocArea({ scores: scoresOf(rows), groups: rows.labels, order: scoreOrder(rows).order, weights });

/** Estimates the average precision with its influences. */
export const precisionEstimate = (rows: BinaryRows, weights?: ArrayLike<number>): Estimate =>
  averagePrecisionEstimate({ scores: scoresOf(rows), labels: rows.labels, order: scoreOrder(rows).order }, weights);

/** Returns the effective rows of the rarest class, and of all other classes together. */
function sizes(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): readonly [number, number] {
  const counts = effectiveByClass(rows, weights).filter((count) => count > 0);
  const rarest = Math.min(...counts);
  return [rarest, counts.reduce((sum, count) => sum + count, 0) - rarest];
}

/** With fewer rows of the rarest class, DeLong's variance is too small, and zero if all pairs are ranked correctly. */
const MIN_ROWS_FOR_DELONG = 50;

/**
 * Computes DeLong's interval of an area on the logit scale. With few rows of a class, or if all pairs are ranked correctly, each end is the wider one of
 * DeLong's and Newcombe's.
 */
export function areaInterval(
  estimate: Estimate,
  rows: BinaryRows | MulticlassRows,
  confidence: number,
  weights?: ArrayLike<number>,
): Found {
  const [first, second] = sizes(rows, weights);
  const [low, high] = onLogit(estimate, twoSidedZ(confidence));
  if (first >= MIN_ROWS_FOR_DELONG && low < high)
    return { interval: [low, high], why: "DeLong's interval on the logit scale" };
  const wide = newcombeArea(estimate.value, first, second, confidence);
  return {
    interval: [Math.min(low, wide[0]), Math.max(high, wide[1])],
    why: "wider ends of DeLong's interval on the logit scale and Newcombe's interval",
  };
}

/** Computes the interval of the average precision on the logit scale (Boyd, Eng and Page 2013), with Student's quantile for the positive rows. */
export function averagePrecisionInterval(rows: BinaryRows, confidence: number, weights?: ArrayLike<number>): Found {
  const estimate = precisionEstimate(rows, weights);
  const [positives] = sizes(rows, weights);
  const reach = studentQuantile(1 - (1 - confidence) / 2, Math.max(2, positives - 1));
  const hasUnequalWeights = weights && effectiveRows(weights) < rows.rows * (1 - 1e-9);
  // The influences of a few heavy rows understate their error (measured by npm run bench:coverage).
  const wider = hasUnequalWeights ? Math.sqrt(positives / Math.max(1, positives - 2)) : 1;
  return {
    interval: onLogit(estimate, reach * wider),
    why: "interval on the logit scale from the rows' influences, Student's quantile",
  };
}

/**
 * Computes the interval of the largest distance between two distribution functions. The observed distance is biased upward.
 * - Upper end: at the threshold of the true largest distance, the observed distance is unbiased and at most the largest observed one.
 * - Lower end: the largest error of the difference of both curves is less than for one sample of 1 / (1 / positives + 1 / negatives) rows. Its
 *   one-sided quantile is Smirnov's, sqrt(-ln(tail) / 2), which is conservative.
 */
export function distanceInterval(rows: BinaryRows, confidence: number, weights?: ArrayLike<number>): Found {
  const { truePositives, falsePositives } = thresholdCurve(rows, weights);
  const [positives, negatives] = [truePositives.at(-1) ?? 0, falsePositives.at(-1) ?? 0];
  const [effectiveNegatives = 0, effectivePositives = 0] = effectiveByClass(rows, weights);
  const tail = (1 - confidence) / 2;
  const reach = normalQuantile(1 - tail);
  let [largest, upper] = [0, 0];
  for (let point = 0; point < truePositives.length; point++) {
    const [truePositiveRate, falsePositiveRate] = [
      (truePositives[point] as number) / positives,
      (falsePositives[point] as number) / negatives,
    ];
    const variance =
      (truePositiveRate * (1 - truePositiveRate)) / effectivePositives +
      (falsePositiveRate * (1 - falsePositiveRate)) / effectiveNegatives;
    const distance = Math.abs(truePositiveRate - falsePositiveRate);
    largest = Math.max(largest, distance);
    upper = Math.max(upper, distance + reach * Math.sqrt(variance));
  }
  const margin = Math.sqrt(-Math.log(tail) / 2) * Math.sqrt(1 / effectivePositives + 1 / effectiveNegatives);
  return {
    interval: [Math.max(0, largest - margin), Math.min(1, upper)],
    why: "lower end by Smirnov's band, upper end by the largest pointwise bound",
  };
}
