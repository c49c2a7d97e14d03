import type { PerformancePolicy } from "./checks/metric-policy.ts";
import { type ClassResult, classResults, MOST_CLASSES } from "./class-results.ts";
import {
  type ConfusedPairs,
  type Confusion,
  type ConfusionCounts,
  confusedPairs,
  confusionCounts,
  confusionOf,
} from "./confusion-counts.ts";
import { type Curves, curves } from "./curves.ts";
import type { Evaluation } from "./evaluation.ts";
import { detectorOf, type MulticlassRows } from "./metrics/answered-rows.ts";
import { thresholdCurve } from "./metrics/threshold-curve.ts";
import { type ScatterPoint, scatter } from "./scatter.ts";
import { type QuantileResult, quantileResults, type TargetResult, targetResults } from "./target-results.ts";

/** Data for the report's plots. Its size does not grow with the rows, and hardly with the classes and targets. */
export interface PlotData {
  /** For two classes. */
  readonly confusion?: Confusion;
  /** For 3 to 60 classes. */
  readonly confusionMatrix?: ConfusionCounts;
  /** For more classes. */
  readonly confusedPairs?: ConfusedPairs;
  /** For binary classifiers; undefined for those with neither probabilities nor scores. */
  readonly curves?: Curves;
  /** For more than two classes; at most 60 of them. */
  readonly classes?: readonly ClassResult[];
  /** For regressors. */
  readonly scatter?: readonly ScatterPoint[];
  /** For several targets; at most 60 of them. */
  readonly targets?: readonly TargetResult[];
  /** If the policy bounds `coverage` or `pinball`. */
  readonly quantiles?: readonly QuantileResult[];
}

interface PlotOptions {
  readonly performance?: PerformancePolicy | undefined;
  /** Plot data of the model to compare with: the same classes, pairs and targets are selected. */
  readonly like?: PlotData;
}

export function plotData(evaluation: Evaluation, { performance, like }: PlotOptions = {}): PlotData {
  const { weights } = evaluation;
  if (evaluation.task === "regression") {
    const targets = targetResults(evaluation, weights);
    const quantiles = quantileResults(evaluation, weights, performance);
    const names = like?.scatter ? [...new Set(like.scatter.map(({ target }) => target))] : leastExplained(targets);
    return {
      scatter: scatter(evaluation, names.length > 0 ? names : undefined),
      ...(targets.length > 0 && { targets }),
      ...(quantiles.length > 0 && { quantiles }),
    };
  }
  if (evaluation.task === "multiclass")
    return { ...confusionIn(evaluation, like), classes: classResults(evaluation, weights, like?.classes) };
  const { labels, positive, scores } = evaluation;
  return {
    ...(!detectorOf(evaluation)?.unlabelled && { confusion: confusionOf(evaluation) }),
    ...((scores ?? positive) && { curves: curves(labels, positive, thresholdCurve(evaluation, weights), weights) }),
  };
}

function confusionIn(
  rows: MulticlassRows,
  like: PlotData | undefined,
): Pick<PlotData, "confusionMatrix" | "confusedPairs"> {
  const counts = confusionCounts(rows);
  const isKept = like ? like.confusionMatrix !== undefined : rows.classes.length <= MOST_CLASSES;
  return isKept ? { confusionMatrix: counts } : { confusedPairs: confusedPairs(counts, like?.confusedPairs?.pairs) };
}

/** Names of the targets, starting with the one that the model explains least. */
const leastExplained = (targets: readonly TargetResult[]): string[] =>
  targets.toSorted((a, b) => (a.metrics.r2 ?? 1) - (b.metrics.r2 ?? 1)).map(({ name }) => name);
