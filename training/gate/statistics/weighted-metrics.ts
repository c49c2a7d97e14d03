import { CALIBRATION_BINS, uniformBin } from "../../calibration.ts";
import { balancedAccuracyOf, type Confusion, f1Of, precisionOf, recallOf } from "../../metrics.ts";
import type { Evaluation, Metrics } from "../evaluation.ts";
import type { Weighted } from "./bootstrap.ts";

type Rows = Pick<Evaluation, "labels" | "predicted" | "positive">;

/**
 * The metric as a function of row weights, as scikit-learn's `sample_weight` has it. What does not depend on the weights, such as
 * the order of the scores, is computed here once.
 * @returns undefined for a metric that needs probabilities of a model that gives none
 */
export function weightedMetric(name: keyof Metrics, rows: Rows): Weighted | undefined {
  const { labels, predicted, positive } = rows;
  const ofCounts = (metric: (counts: Confusion) => number): Weighted => {
    return (weights) => metric(weightedConfusion(labels, predicted, weights));
  };
  switch (name) {
    case "accuracy":
      return ofCounts(({ tn, fp, fn, tp }) => (tn + tp) / (tn + fp + fn + tp));
    case "balanced_accuracy":
      return ofCounts(balancedAccuracyOf);
    case "precision":
      return ofCounts(precisionOf);
    case "recall":
      return ofCounts(recallOf);
    case "f1":
      return ofCounts(f1Of);
  }
  if (!positive) return undefined;
  switch (name) {
    case "log_loss":
      return weightedMean(positive, (probability, row) => {
        const clipped = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probability));
        return labels[row] === 1 ? -Math.log(clipped) : -Math.log1p(-clipped);
      });
    case "brier":
      return weightedMean(positive, (probability, row) => (probability - (labels[row] as number)) ** 2);
    case "ece":
      return weightedCalibrationError(labels, positive);
    case "roc_auc":
      return overThresholds(labels, positive, rocArea);
    case "pr_auc":
      return overThresholds(labels, positive, precisionRecallArea);
  }
}

function weightedConfusion(labels: Int32Array, predicted: Int32Array, weights: ArrayLike<number>): Confusion {
  const counts = [0, 0, 0, 0] as [number, number, number, number];
  for (let row = 0; row < labels.length; row++) {
    const cell = ((labels[row] as number) * 2 + (predicted[row] as number)) as 0 | 1 | 2 | 3;
    counts[cell] += weights[row] as number;
  }
  const [tn, fp, fn, tp] = counts;
  return { tn, fp, fn, tp };
}

function weightedMean(positive: Float64Array, lossOf: (probability: number, row: number) => number): Weighted {
  const losses = Float64Array.from(positive, lossOf);
  return (weights) => {
    let [sum, total] = [0, 0];
    for (let row = 0; row < losses.length; row++) {
      const weight = weights[row] as number;
      sum += weight * (losses[row] as number);
      total += weight;
    }
    return sum / total;
  };
}

/** The sum over bins of |sum of probabilities - sum of labels|, by the total weight: the same as the mean of bin gaps. */
function weightedCalibrationError(labels: Int32Array, positive: Float64Array): Weighted {
  const bins = Uint8Array.from(positive, (probability) => uniformBin(probability, CALIBRATION_BINS));
  const gaps = Float64Array.from(positive, (probability, row) => probability - (labels[row] as number));
  return (weights) => {
    const sums = new Float64Array(CALIBRATION_BINS);
    let total = 0;
    for (let row = 0; row < gaps.length; row++) {
      const weight = weights[row] as number;
      const bin = bins[row] as number;
      sums[bin] = (sums[bin] as number) + weight * (gaps[row] as number);
      total += weight;
    }
    return sums.reduce((sum, gap) => sum + Math.abs(gap), 0) / total;
  };
}

type Step = (tp: number, fp: number, tpBefore: number, fpBefore: number) => number;
interface Area {
  readonly step: Step;
  readonly scale: (tp: number, fp: number) => number;
}

const rocArea: Area = {
  step: (tp, fp, tpBefore, fpBefore) => ((fp - fpBefore) * (tp + tpBefore)) / 2,
  scale: (tp, fp) => tp * fp,
};
const precisionRecallArea: Area = {
  step: (tp, fp, tpBefore) => (tp > tpBefore ? ((tp - tpBefore) * tp) / (tp + fp) : 0),
  scale: (tp) => tp,
};

/** Walks the rows from the highest score down, tied rows as one step. NaN (0 / 0) where a class has no weight. */
function overThresholds(labels: Int32Array, positive: Float64Array, { step, scale }: Area): Weighted {
  const order = Uint32Array.from(labels, (_, row) => row).sort(
    (a, b) => (positive[b] as number) - (positive[a] as number),
  );
  return (weights) => {
    let [tp, fp, tpBefore, fpBefore, sum] = [0, 0, 0, 0, 0];
    for (let place = 0; place < order.length; place++) {
      const row = order[place] as number;
      if (labels[row] === 1) tp += weights[row] as number;
      else fp += weights[row] as number;
      if (positive[order[place + 1] as number] === positive[row]) continue;
      sum += step(tp, fp, tpBefore, fpBefore);
      [tpBefore, fpBefore] = [tp, fp];
    }
    return sum / scale(tp, fp);
  };
}
