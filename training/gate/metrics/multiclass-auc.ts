import { defineMetric } from "./metric.ts";
import type { PairAreas } from "./pair-areas.ts";

const ofAreas = (metric: (areas: PairAreas) => number) => ({
  needs: "probabilities" as const,
  multiclass: () => (view: { readonly areas: PairAreas }) => metric(view.areas),
});

/** ROC AUC for more than two classes, averaged over classes (macro). */
export const multiclassAuc = {
  rocAucOvr: defineMetric({
    label: "ROC AUC, one class against the rest",
    metric: "roc_auc_ovr",
    range: [0, 1],
    truth: "every",
    ...ofAreas(oneVersusRest),
  }),
  rocAucOvo: defineMetric({
    label: "ROC AUC, one class against one",
    metric: "roc_auc_ovo",
    range: [0, 1],
    truth: "two",
    ...ofAreas(oneVersusOne),
  }),
};

/** Averages over classes. Not defined if a class has no rows, as in scikit-learn. */
function oneVersusRest({ areas, weights }: PairAreas): number {
  const classes = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  for (const [own, weight] of weights.entries()) {
    let area = 0;
    for (let other = 0; other < classes; other++) if (other !== own) area += areas[own * classes + other] as number;
    // 0 / 0 for a class with no rows, or with all of them.
    sum += area / (weight * (total - weight));
  }
  return sum / classes;
}

/** Averages over pairs of classes with rows (Hand and Till 2001). Not defined if all rows have one class. */
function oneVersusOne({ areas, weights }: PairAreas): number {
  const classes = weights.length;
  let [sum, pairs] = [0, 0];
  for (let first = 0; first < classes; first++)
    for (let second = first + 1; second < classes; second++) {
      const pairsOfRows = (weights[first] as number) * (weights[second] as number);
      if (pairsOfRows === 0) continue;
      sum +=
        ((areas[first * classes + second] as number) + (areas[second * classes + first] as number)) / 2 / pairsOfRows;
      pairs++;
    }
  return sum / pairs;
}
