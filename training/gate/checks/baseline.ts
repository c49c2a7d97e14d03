import { z } from "zod";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";
import { failed } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { baselineMetrics, baselineRows, constantOf, isConstant } from "../metrics/baselines.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { notDefined } from "../not-defined.ts";
import { compareModels, comparisons } from "./compare-models.ts";

/** Metrics by which no model can beat the baseline. */
const UNBEATABLE = {
  calibrationError: "the class frequencies are already calibrated",
  meanError: "the mean is already unbiased",
} as const satisfies Partial<Record<MetricKey, string>>;
type Comparable = Exclude<MetricKey, keyof typeof UNBEATABLE>;

const isComparable = (key: MetricKey): key is Comparable => !(key in UNBEATABLE);
const comparable = metricKeys.filter(isComparable);

const notSupported = (reason: string) =>
  z
    .custom<undefined>((value) => value === undefined, {
      error: `cannot be compared with the baseline: ${reason}`,
      ...ABOUT_KEY,
    })
    .optional();

export const baselinePolicy = z
  .strictObject({
    ...comparisons(comparable),
    calibrationError: notSupported(UNBEATABLE.calibrationError),
    meanError: notSupported(UNBEATABLE.meanError),
  })
  .refine((policy) => metricKeys.some((key) => policy[key]), "must name at least one metric, such as accuracy");

export type BaselinePolicy = z.infer<typeof baselinePolicy>;

const CONSTANT = "the model predicts the same for every row";

/** Returns the baseline's metrics on the same rows, limited to those the model also has, and whether the model is constant. */
export function baselineDetails(evaluation: Evaluation) {
  const { metrics, weights } = evaluation;
  const found = Object.entries(baselineMetrics(evaluation, weights)).filter(([name]) => metrics[name] !== undefined);
  return { baseline: Object.fromEntries(found), ...(isConstant(evaluation) && { constant: true as const }) };
}

/**
 * Checks that the model beats a baseline by at least the margin. The baseline knows only the distribution of the truth. The paired interval of the
 * difference decides, as for the champion. A constant model fails regardless of margins.
 */
export function judgeBaseline(evaluation: Evaluation, policy: BaselinePolicy): readonly CheckResult[] {
  const requested = comparable.flatMap((key) => {
    const terms = policy[key];
    return terms ? [{ key, terms }] : [];
  });
  const level = requested.some(({ terms }) => isRequired(terms)) ? "required" : "advisory";
  const constant = { check: "baseline.constant", group: "baseline", level } as const;
  return [
    ...(isConstant(evaluation) ? [failed(constant, CONSTANT)] : []),
    ...requested.map(({ key, terms }) => judgeMetric(key, evaluation, terms)),
  ];
}

function judgeMetric(
  key: Comparable,
  evaluation: Evaluation,
  { margin, confidence = 0.95, level }: NonNullable<BaselinePolicy[Comparable]>,
): CheckResult {
  const metric: Metric = METRICS[key];
  const { weights } = evaluation;
  const check = { check: `baseline.${key}`, group: "baseline", level } as const;
  const gap = notDefined(metric, evaluation);
  // More rows cannot fix a mistake in the policy, so it fails even under `inconclusive: pass`.
  if (gap && !gap.byRows) return failed(check, `${metric.label} is not defined${gap.reason}`);
  const { name, rows } = baselineOf(metric, evaluation);
  const by = margin === 0 ? "" : ` by ${formatRatio(margin)}`;
  return compareModels({
    ...check,
    metric,
    ours: evaluation,
    rival: {
      name,
      role: "baseline",
      evaluation: { ...rows, sumError: 0, samples: [], metrics: {}, ...(weights && { weights }) },
    },
    minDifference: margin,
    confidence,
    needs: evaluation.task === "regression" ? "varied" : "two",
    meanings: {
      pass: `better${by}`,
      fail: `not better${by}`,
      inconclusive: `too few rows to tell whether it is better${by}`,
    },
    power: (difference) => ({ difference, message: (needed) => `${needed} would detect a difference this large` }),
  });
}

function baselineOf(metric: Metric, evaluation: Evaluation) {
  const constant = constantOf(metric);
  const rows = baselineRows(evaluation, constant, evaluation.weights);
  if (rows.task === "regression") return { rows, name: `the ${constant}` };
  const probabilistic = metric.needs !== "answers";
  return { rows, name: probabilistic ? "the class frequencies" : "the most frequent class" };
}
