import type { ConfusionMatrix } from "./confusion-matrix.ts";
import { defineMetric } from "./metric.ts";

/** Defines a metric of the confusion matrix. NaN if all weights are 0. */
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

/** Returns the mean recall of the classes that have rows. */
function balancedAccuracy(matrix: ConfusionMatrix): number {
  let [sum, present] = [0, 0];
  for (const [index, weight] of matrix.truth.entries()) {
    if (weight === 0) continue;
    sum += matrix.recall(index);
    present++;
  }
  return sum / present;
}

/** Returns Gorodkin's generalization to k classes; 0 if truth or predictions are all of one class. */
function matthews(matrix: ConfusionMatrix): number {
  const { total, truth, predicted } = matrix;
  let [byChance, ofTruth, ofPredictions] = [0, 0, 0];
  for (let index = 0; index < matrix.classes; index++) {
    const [trueWeight, predictedWeight] = [truth[index] as number, predicted[index] as number];
    byChance += trueWeight * predictedWeight;
    ofTruth += trueWeight * (total - trueWeight);
    ofPredictions += predictedWeight * (total - predictedWeight);
  }
  // Sums of products, unlike differences of squares, are exactly 0 for a single class, regardless of rounding.
  if (ofTruth === 0 || ofPredictions === 0) return 0;
  return (matrix.right * total - byChance) / Math.sqrt(ofTruth) / Math.sqrt(ofPredictions);
}

/** Returns 1 - disagreement / expected disagreement. NaN if truth and predictions are all of the same class, because no disagreement is expected. */
function kappa(matrix: ConfusionMatrix, cost: (truth: number, predicted: number) => number): number {
  let [observed, byChance] = [0, 0];
  for (const [truth, trueWeight] of matrix.truth.entries())
    for (const [predicted, predictedWeight] of matrix.predicted.entries()) {
      observed += cost(truth, predicted) * matrix.at(truth, predicted);
      byChance += (cost(truth, predicted) * trueWeight * predictedWeight) / matrix.total;
    }
  return byChance === 0 ? Number.NaN : 1 - observed / byChance;
}
