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
 * The metrics that a policy can name, by its key there, for every task. Values are scikit-learn's (docs/metrics.md names its function for each);
 * rows of weight 0 count as rows that are not there. A value is NaN, so that no bound is passed, where scikit-learn raises, warns or answers NaN:
 * - rocAuc, ks, prAuc and the metrics at a recall, a precision or k, for rows of one class; precisionAtK for fewer than k rows
 * - rocAucOvr where a class has no rows, rocAucOvo for rows of one class
 * - kappa and quadraticKappa where truth and answers are all of one and the same class
 * - topK for k of all classes or more
 * - r2 and d2 for fewer than two rows; msle where a value is -1 or less
 * - every metric without any row or weight
 * An empty denominator of precision, recall, F1, specificity and mcc gives 0, as scikit-learn's zero_division=0 has it.
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

/** Metrics with parameters, which stand beside the bound: `precisionAtRecall: {recall: 0.9, min: 0.6}`. */
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
