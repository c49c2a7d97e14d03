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
 * The metrics of a policy by key, for every task. Values equal scikit-learn's (docs/metrics.md names its function for each);
 * rows of weight 0 are ignored. A value is NaN, which fails every bound, if scikit-learn raises, warns or returns NaN:
 * - rocAuc, ks, prAuc and the metrics at a recall, a precision or k: for rows of one class; precisionAtK: for fewer than k rows
 * - rocAucOvr: if a class has no rows; rocAucOvo: for rows of one class
 * - kappa and quadraticKappa: if truth and predictions are all of the same class
 * - topK: if k is the number of classes or more
 * - r2 and d2: for fewer than two rows; msle and rmsle: if a value is -1 or less
 * - every metric: without any row or weight
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

/** Metrics with parameters, which are set next to the bound: `precisionAtRecall: {recall: 0.9, min: 0.6}`. */
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
export const metricKeysOf = (task: RowsTask): MetricKey[] =>
  metricKeys.filter((key) => METRICS[key].tasks.includes(task));
