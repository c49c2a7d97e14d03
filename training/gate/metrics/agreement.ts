import type { ConfusionMatrix } from "./confusion-matrix.ts";
import { defineMetric } from "./metric.ts";

/** A metric of counts: a function of the confusion matrix. NaN without any weight. */
const ofMatrix = (metric: (matrix: ConfusionMatrix) => number) => ({
  counts: true as const,
  classes: () => (view: { readonly confusion: ConfusionMatrix }) =>
    view.confusion.total > 0 ? metric(view.confusion) : Number.NaN,
});

/** Metrics of agreement between prediction and truth, for two or more classes. */
export const agreement = {
  accuracy: defineMetric({
    label: "accuracy",
    metric: "accuracy",
    range: [0, 1],
    ...ofMatrix((matrix) => matrix.right / matrix.total),
  }),
  balancedAccuracy: defineMetric({
    label: "balanced accuracy",
    metric: "balanced_accuracy",
    range: [0, 1],
    truth: "two",
    ...ofMatrix(balancedAccuracy),
  }),
  mcc: defineMetric({
    label: "Matthews correlation coefficient",
    metric: "matthews_corrcoef",
    range: [-1, 1],
    truth: "two",
    ...ofMatrix(matthews),
  }),
  kappa: defineMetric({
    label: "Cohen's kappa",
    metric: "cohen_kappa",
    range: [-1, 1],
    truth: "two",
    ...ofMatrix((matrix) => kappa(matrix, (truth, predicted) => (truth === predicted ? 0 : 1))),
  }),
  quadraticKappa: defineMetric({
    label: "Cohen's kappa with quadratic weights",
    metric: "cohen_kappa_quadratic",
    range: [-1, 1],
    truth: "two",
    counts: true,
    multiclass: () => (view) => kappa(view.confusion, (truth, predicted) => (truth - predicted) ** 2),
  }),
};

/** Mean recall of the classes that have rows. */
function balancedAccuracy(matrix: ConfusionMatrix): number {
  let [sum, present] = [0, 0];
  for (const [index, weight] of matrix.truth.entries()) {
    if (weight === 0) continue;
    sum += matrix.recall(index);
    present++;
  }
  return sum / present;
}

/** Gorodkin's generalization to k classes; 0 if truth or predictions are all of one class. */
function matthews(matrix: ConfusionMatrix): number {
  const { total, truth, predicted } = matrix;
  let [byChance, ofTruth, ofAnswers] = [0, 0, 0];
  for (let index = 0; index < matrix.classes; index++) {
    const [there, answered] = [truth[index] as number, predicted[index] as number];
    byChance += there * answered;
    ofTruth += there * (total - there);
    ofAnswers += answered * (total - answered);
  }
  // Sums of products instead of differences of squares: exactly 0 for a single class, regardless of rounding.
  if (ofTruth === 0 || ofAnswers === 0) return 0;
  return (matrix.right * total - byChance) / Math.sqrt(ofTruth) / Math.sqrt(ofAnswers);
}

/** 1 - disagreement / expected disagreement; NaN if truth and predictions are all of the same class, where no disagreement is expected. */
function kappa(matrix: ConfusionMatrix, cost: (truth: number, predicted: number) => number): number {
  let [observed, byChance] = [0, 0];
  for (const [index, there] of matrix.truth.entries())
    for (const [answer, answered] of matrix.predicted.entries()) {
      observed += cost(index, answer) * matrix.at(index, answer);
      byChance += (cost(index, answer) * there * answered) / matrix.total;
    }
  return byChance === 0 ? Number.NaN : 1 - observed / byChance;
}
