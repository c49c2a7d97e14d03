import { defineMetric, type Metric, type MetricFamily, ratio, wholeFromOne } from "./metric.ts";
import type { ThresholdCurve } from "./threshold-curve.ts";

const ofCurve = (metric: (curve: ThresholdCurve, positives: number, negatives: number) => number) => ({
  needs: "scores" as const,
  truth: "two" as const,
  binary: () => (view: { readonly curve: ThresholdCurve }) => {
    const { truePositives, falsePositives } = view.curve;
    return metric(view.curve, truePositives.at(-1) ?? 0, falsePositives.at(-1) ?? 0);
  },
});

/** Metrics of a binary classifier's scores over all thresholds. Not defined if all rows have one class. */
export const ranking = {
  rocAuc: defineMetric({ label: "ROC AUC", metric: "roc_auc", range: [0, 1], ...ofCurve(rocArea) }),
  prAuc: defineMetric({ label: "PR AUC", metric: "pr_auc", range: [0, 1], ...ofCurve(averagePrecision) }),
  ks: defineMetric({
    label: "Kolmogorov-Smirnov distance of the classes' scores",
    metric: "ks",
    range: [0, 1],
    ...ofCurve(kolmogorovSmirnov),
  }),
};

/** Best precision among the thresholds with at least this recall. */
export const precisionAtRecall: MetricFamily<{ readonly recall: number }> = family(({ recall }) => {
  ratio("precisionAtRecall.recall", recall);
  return defineMetric({
    label: `precision at recall ${recall}`,
    metric: `precision_at_recall_${recall}`,
    range: [0, 1],
    ...ofCurve((curve, positives, negatives) =>
      best(curve, positives, negatives, (precision, found) => (found >= recall ? precision : 0)),
    ),
  });
}, "precision at a recall");

/** Best recall among the thresholds with at least this precision; 0 if there are none. */
export const recallAtPrecision: MetricFamily<{ readonly precision: number }> = family(({ precision }) => {
  ratio("recallAtPrecision.precision", precision);
  return defineMetric({
    label: `recall at precision ${precision}`,
    metric: `recall_at_precision_${precision}`,
    range: [0, 1],
    ...ofCurve((curve, positives, negatives) =>
      best(curve, positives, negatives, (found, recall) => (found >= precision ? recall : 0)),
    ),
  });
}, "recall at a precision");

/**
 * Share of positive rows among the k highest scores. A tie at the end counts proportionally, as the mean over all ways to
 * break it. Not defined for fewer than k rows.
 */
export const precisionAtK: MetricFamily<{ readonly k: number }> = family(({ k }) => {
  wholeFromOne("precisionAtK.k", k);
  return defineMetric({
    label: `precision of the ${k} highest scores`,
    metric: `precision_at_${k}`,
    range: [0, 1],
    undefinedFor: { reason: `fewer than ${k} rows`, byRows: true },
    ...ofCurve(({ truePositives, falsePositives }, positives, negatives) => {
      if (positives + negatives < k) return Number.NaN;
      let [tpBefore, fpBefore] = [0, 0];
      for (let point = 0; point < truePositives.length; point++) {
        const [tp, fp] = [truePositives[point] as number, falsePositives[point] as number];
        if (tp + fp >= k) {
          const tied = tp + fp - tpBefore - fpBefore;
          return (tpBefore + ((tp - tpBefore) * (k - tpBefore - fpBefore)) / tied) / k;
        }
        [tpBefore, fpBefore] = [tp, fp];
      }
      return Number.NaN;
    }),
  });
}, "precision of the k highest scores");

function family<P>(make: (parameters: P) => Metric, label: string): MetricFamily<P> {
  return { label, tasks: ["binary"], needs: "scores", atEdge: true, with: make };
}

/** Computes the area under the ROC curve by trapezoids, so that ties count half. */
function rocArea({ truePositives, falsePositives }: ThresholdCurve, positives: number, negatives: number): number {
  let area = 0;
  let tpBefore = 0;
  let fpBefore = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const tp = truePositives[point] as number;
    const fp = falsePositives[point] as number;
    area += ((fp - fpBefore) * (tp + tpBefore)) / 2;
    tpBefore = tp;
    fpBefore = fp;
  }
  return area / (positives * negatives);
}

/** Computes the area under the precision-recall curve by steps, without interpolation. */
function averagePrecision(
  { truePositives, falsePositives }: ThresholdCurve,
  positives: number,
  negatives: number,
): number {
  if (negatives === 0) return Number.NaN;
  let sum = 0;
  let before = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const tp = truePositives[point] as number;
    // Before the first positive row, the precision may be 0 / 0.
    if (tp > before) sum += ((tp - before) * tp) / (tp + (falsePositives[point] as number));
    before = tp;
  }
  return sum / positives;
}

/** Computes the largest distance between the classes' score distributions. */
function kolmogorovSmirnov(
  { truePositives, falsePositives }: ThresholdCurve,
  positives: number,
  negatives: number,
): number {
  if (positives === 0 || negatives === 0) return Number.NaN;
  let largest = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const distance = (truePositives[point] as number) / positives - (falsePositives[point] as number) / negatives;
    largest = Math.max(largest, Math.abs(distance));
  }
  return largest;
}

/** Returns the largest value of the measure among all thresholds with a true positive. */
function best(
  { truePositives, falsePositives }: ThresholdCurve,
  positives: number,
  negatives: number,
  measure: (precision: number, recall: number) => number,
): number {
  if (positives === 0 || negatives === 0) return Number.NaN;
  let largest = 0;
  for (let point = 0; point < truePositives.length; point++) {
    const tp = truePositives[point] as number;
    if (tp > 0) largest = Math.max(largest, measure(tp / (tp + (falsePositives[point] as number)), tp / positives));
  }
  return largest;
}
