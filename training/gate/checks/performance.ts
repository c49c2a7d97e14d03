import { z } from "zod";
import { compare, confidence, inconclusive, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { METRICS, type MetricKey, metricKeys, metricRow } from "../metric-table.ts";
import { bootstrap, resamples } from "../statistics/bootstrap.ts";
import { weightedMetric } from "../statistics/weighted-metrics.ts";
import { wilson } from "../statistics/wilson.ts";

/** Of every bootstrap of the gate: the same rows and model get the same interval. */
export const SEED = 42;

const bound = (value: z.ZodNumber) =>
  z
    .strictObject({
      min: value.optional(),
      max: value.optional(),
      /** Holds the end of the two-sided interval against the bound instead of the value itself. */
      confidence: confidence.optional(),
      level,
    })
    .refine(({ min, max }) => min !== undefined || max !== undefined, "must have min or max")
    .refine(({ min = 0, max = Infinity }) => min <= max, "must not have a min above its max: no model passes that");

/** Bounds of one metric whose values are between 0 and 1. */
export const metricPolicy = bound(ratio);
export type MetricPolicy = z.infer<typeof metricPolicy>;

const ofMetric = (key: MetricKey) => (metricRow(key).unbounded ? bound(notNegative) : metricPolicy).optional();

export const performancePolicy = z.strictObject(
  Object.fromEntries(metricKeys.map((key) => [key, ofMetric(key)])) as Record<MetricKey, ReturnType<typeof ofMetric>>,
);

/** Holds each metric that the policy names against its bounds. */
export function judgePerformance(
  evaluation: Evaluation,
  policy: z.infer<typeof performancePolicy>,
): readonly CheckResult[] {
  return metricKeys.flatMap((key) => {
    const bounds = policy[key];
    return bounds ? judgeMetric(`performance.${key}`, key, evaluation, bounds) : [];
  });
}

export function judgeMetric(
  check: string,
  key: MetricKey,
  evaluation: Evaluation,
  { min, max, confidence: level, ...rest }: MetricPolicy,
): CheckResult[] {
  const { label, metric } = METRICS[key];
  const value = evaluation.metrics[metric];
  if (value === undefined)
    return [
      {
        ...{ check, group: "performance", outcome: "fail", required: isRequired(rest) },
        detail: `${label} is not defined: ${evaluation.positive ? "the snapshot has rows of one class only" : "the model gives no probabilities"}`,
      },
    ];
  const found = level === undefined ? undefined : intervalOf(key, evaluation, level);
  if (level !== undefined && !found)
    return [
      inconclusive(
        { check, group: "performance", ...rest },
        `${label} has no interval: resamples lack rows of a class`,
      ),
    ];
  const one = (relation: ">=" | "<=", bound: number): CheckResult => {
    const common = { check, group: "performance" as const, label, value, bound, relation, level: rest.level };
    if (!found || level === undefined) return compare(common);
    const { interval, why } = found;
    const judged =
      relation === ">="
        ? { label: `lower bound at ${percent(level)}`, value: interval[0] }
        : { label: `upper bound at ${percent(level)}`, value: interval[1] };
    return compare({ ...common, judged, interval, confidence: level, why });
  };
  return [...(min === undefined ? [] : [one(">=", min)]), ...(max === undefined ? [] : [one("<=", max)])];
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;

/** Wilson's interval for a proportion of rows, the bootstrap's for the rest. */
function intervalOf(key: MetricKey, evaluation: Evaluation, level: number) {
  const { tn, fp, fn, tp } = evaluation.confusion;
  const proportions: Partial<Record<MetricKey, readonly [number, number]>> = {
    accuracy: [tn + tp, tn + fp + fn + tp],
    precision: [tp, tp + fp],
    recall: [tp, tp + fn],
  };
  const proportion = proportions[key];
  if (proportion) {
    const [successes, trials] = proportion;
    return {
      interval: wilson(successes, trials, level),
      why: `Wilson score interval of ${successes} of ${trials} rows`,
    };
  }
  const statistic = weightedMetric(METRICS[key].metric, evaluation);
  const interval = statistic && bootstrap(evaluation.rows, statistic, { confidence: level, seed: SEED });
  return interval && { interval, why: `percentile bootstrap, ${resamples(evaluation.rows)} resamples, seed ${SEED}` };
}
