import { type CalibrationBin, calibrationBins, uniformBin } from "./metrics/calibration-bins.ts";
import type { ThresholdCurve } from "./metrics/threshold-curve.ts";

/** Curves in the report of a model that returns probabilities, or scores that rank its rows. */
export interface Curves {
  /** From (0, 0) to (1, 1); thinned to at most MAX_POINTS. */
  readonly roc: readonly { readonly falsePositiveRate: number; readonly truePositiveRate: number }[];
  /** By falling threshold. */
  readonly precisionRecall: readonly { readonly recall: number; readonly precision: number }[];
  /** The non-empty bins of the calibration error; only for probabilities. */
  readonly calibration?: readonly CalibrationBin[];
  /** Rows by probability of class 1, in bins of equal width from 0 to 1; only for probabilities. */
  readonly histogram?: { readonly negatives: readonly number[]; readonly positives: readonly number[] };
}

const MAX_POINTS = 200;
const HISTOGRAM_BINS = 20;

/**
 * Computes the report's curves.
 * @param labels 0 or 1, one per row
 * @param positive probability of class 1, one per row; undefined for scores of any range
 * @param weights also used for the ranking, so that the curves match the areas and the calibration error
 */
export function curves(
  labels: ArrayLike<number>,
  positive: ArrayLike<number> | undefined,
  ranking: ThresholdCurve,
  weights?: ArrayLike<number>,
): Curves {
  return {
    ...thresholdCurves(ranking),
    ...(positive && {
      calibration: calibrationBins(labels, positive, weights),
      histogram: histogram(labels, positive),
    }),
  };
}

function thresholdCurves({ truePositives, falsePositives }: ThresholdCurve) {
  const points = truePositives.length;
  const [positives, negatives] = [truePositives[points - 1] ?? 0, falsePositives[points - 1] ?? 0];
  const step = Math.max(1, Math.ceil(points / MAX_POINTS));
  const roc = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  const precisionRecall: { recall: number; precision: number }[] = [];
  for (let point = 0; point < points; point++) {
    if (point % step !== 0 && point !== points - 1) continue;
    const [tp, fp] = [truePositives[point] as number, falsePositives[point] as number];
    if (negatives > 0 && positives > 0)
      roc.push({ falsePositiveRate: fp / negatives, truePositiveRate: tp / positives });
    if (positives > 0 && tp + fp > 0) precisionRecall.push({ recall: tp / positives, precision: tp / (tp + fp) });
  }
  return { roc, precisionRecall };
}

function histogram(labels: ArrayLike<number>, positive: ArrayLike<number>) {
  const counts = {
    negatives: new Array<number>(HISTOGRAM_BINS).fill(0),
    positives: new Array<number>(HISTOGRAM_BINS).fill(0),
  };
  for (let row = 0; row < labels.length; row++) {
    const of = labels[row] === 1 ? counts.positives : counts.negatives;
    const bin = uniformBin(positive[row] as number, HISTOGRAM_BINS);
    of[bin] = (of[bin] ?? 0) + 1;
  }
  return counts;
}
