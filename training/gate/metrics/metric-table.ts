import { agreement } from "./agreement.ts";
import { calibrationError } from "./calibration-error.ts";
import { binaryClass, classAverages, expectedCost } from "./class-metrics.ts";
import { explained } from "./explained.ts";
import type { Metric, RowsTask } from "./metric.ts";
import { multiclassAuc } from "./multiclass-auc.ts";
import { probabilities, topK } from "./probabilities.ts";
import { coverage, pinball } from "./quantile-outputs.ts";
import { precisionAtK, precisionAtRecall, ranking, recallAtPrecision } from "./ranking.ts";
import { regressionErrors } from "./regression-errors.ts";

const { accuracy, balancedAccuracy, ...chanceCorrected } = agreement;

/**
 * The metrics by policy key, for every task. Values equal scikit-learn's (docs/metrics.md names the function for each), and rows of weight 0 are
 * ignored. If scikit-learn raises, warns or returns NaN, the value is NaN, which fails every bound:
 * - rocAuc, ks, prAuc and the metrics at a recall, a precision or k: if all rows have one class; precisionAtK: for fewer than k rows
 * - rocAucOvr: if a class has no rows; rocAucOvo: if all rows have one class
 * - kappa and quadraticKappa: if truth and predictions are all of the same class
 * - topK: if k is the number of classes or more
 * - r2 and d2: for fewer than two rows; msle and rmsle: if a value is -1 or less
 * - every metric: if there are no rows, or all weights are 0
 * An empty denominator of precision, recall, F1, specificity and mcc gives 0, like scikit-learn's zero_division=0.
 */
export const METRICS = {
  accuracy,
  balancedAccuracy,
  ...binaryClass,
  ...ranking,
  ...probabilities,
  calibrationError,
  ...chanceCorrected,
  ...classAverages,
  ...multiclassAuc,
  ...regressionErrors,
  ...explained,
} as const satisfies Record<string, Metric>;

/** Metrics with parameters, which the policy sets next to the bound: `precisionAtRecall: {recall: 0.9, min: 0.6}`. */
export const METRIC_FAMILIES = {
  precisionAtRecall,
  recallAtPrecision,
  precisionAtK,
  expectedCost,
  topK,
  pinball,
  coverage,
} as const;

export type MetricKey = keyof typeof METRICS;
export type MetricFamilyKey = keyof typeof METRIC_FAMILIES;

export const metricKeys = Object.keys(METRICS) as MetricKey[];
/** Returns the keys of the metrics that the task defines. */
export const metricKeysOf = (task: RowsTask): MetricKey[] =>
  metricKeys.filter((key) => METRICS[key].tasks.includes(task));
