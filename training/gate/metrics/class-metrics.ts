import type { ConfusionMatrix } from "./confusion-matrix.ts";
import { defineMetric, finiteNumber, type MetricDefinition, type MetricFamily } from "./metric.ts";

type Definition = Pick<MetricDefinition, "range" | "truth" | "counts" | "binary" | "multiclass">;

/** Prepares a metric of the confusion matrix. NaN if all weights are 0. */
const of =
  (metric: (matrix: ConfusionMatrix) => number) => (): ((view: { readonly confusion: ConfusionMatrix }) => number) => {
    return (view) => (view.confusion.total > 0 ? metric(view.confusion) : Number.NaN);
  };

const positiveClass = (metric: (matrix: ConfusionMatrix) => number): Definition => ({
  range: [0, 1],
  counts: true,
  binary: of(metric),
});

/** Metrics of the positive class. For one of several classes, see ofClass. */
export const binaryClass = {
  precision: defineMetric({
    label: "precision",
    metric: "precision",
    truth: "two",
    ...positiveClass((matrix) => matrix.precision(1)),
  }),
  recall: defineMetric({
    label: "recall",
    metric: "recall",
    truth: "positive",
    ...positiveClass((matrix) => matrix.recall(1)),
  }),
  f1: defineMetric({ label: "F1", metric: "f1", truth: "two", ...positiveClass((matrix) => matrix.f1(1)) }),
  specificity: defineMetric({
    label: "specificity",
    metric: "specificity",
    truth: "negative",
    ...positiveClass((matrix) => matrix.recall(0)),
  }),
};

type OfClass = (matrix: ConfusionMatrix, index: number) => number;
const precision: OfClass = (matrix, index) => matrix.precision(index);
const recall: OfClass = (matrix, index) => matrix.recall(index);
const f1: OfClass = (matrix, index) => matrix.f1(index);

/** Averages over classes. Ignores classes without true or predicted rows, like scikit-learn. */
const macro = (metric: OfClass): Definition => ({
  range: [0, 1],
  truth: "two",
  counts: true,
  multiclass: of((matrix) => {
    const occurring = matrix.occurring;
    return occurring.reduce((sum, index) => sum + metric(matrix, index), 0) / occurring.length;
  }),
});

/** Averages over classes, weighted by their true rows. */
const byRows = (metric: OfClass): Definition => ({
  range: [0, 1],
  counts: true,
  multiclass: of(
    (matrix) => matrix.truth.reduce((sum, weight, index) => sum + weight * metric(matrix, index), 0) / matrix.total,
  ),
});

/** Averages over all rows. With one prediction per row, precision, recall and F1 all equal the accuracy. */
const micro: Definition = { range: [0, 1], counts: true, multiclass: of((matrix) => matrix.right / matrix.total) };

export const classAverages = {
  macroPrecision: defineMetric({ label: "macro precision", metric: "precision_macro", ...macro(precision) }),
  macroRecall: defineMetric({ label: "macro recall", metric: "recall_macro", ...macro(recall) }),
  macroF1: defineMetric({ label: "macro F1", metric: "f1_macro", ...macro(f1) }),
  microPrecision: defineMetric({ label: "micro precision", metric: "precision_micro", ...micro }),
  microRecall: defineMetric({ label: "micro recall", metric: "recall_micro", ...micro }),
  microF1: defineMetric({ label: "micro F1", metric: "f1_micro", ...micro }),
  weightedPrecision: defineMetric({
    label: "weighted precision",
    metric: "precision_weighted",
    truth: "two",
    ...byRows(precision),
  }),
  weightedRecall: defineMetric({ label: "weighted recall", metric: "recall_weighted", ...byRows(recall) }),
  weightedF1: defineMetric({ label: "weighted F1", metric: "f1_weighted", truth: "two", ...byRows(f1) }),
};

/** Costs of a prediction, in any unit; negative for a gain. */
export interface Costs {
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** Default: 0. */
  readonly truePositive?: number | undefined;
  readonly trueNegative?: number | undefined;
}

/** Mean cost per row. */
export const expectedCost: MetricFamily<Costs> = {
  label: "expected cost",
  tasks: ["binary"],
  needs: "answers",
  with: ({ falsePositive, falseNegative, truePositive = 0, trueNegative = 0 }) => {
    const costs = { falsePositive, falseNegative, truePositive, trueNegative };
    for (const [name, cost] of Object.entries(costs)) finiteNumber(`expectedCost.${name}`, cost);
    return defineMetric({
      label: "expected cost",
      metric: "expected_cost",
      loss: true,
      counts: true,
      range: [Math.min(...Object.values(costs)), Math.max(...Object.values(costs))],
      binary: of(
        (matrix) =>
          (matrix.at(0, 0) * trueNegative +
            matrix.at(0, 1) * falsePositive +
            matrix.at(1, 0) * falseNegative +
            matrix.at(1, 1) * truePositive) /
          matrix.total,
      ),
    });
  },
};
