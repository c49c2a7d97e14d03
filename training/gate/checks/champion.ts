import { z } from "zod";
import { confidence, inconclusive, notNegative } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { isFound } from "../intervals/interval.ts";
import { pairedInterval } from "../intervals/paired-interval.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { aboutRows, rowsForPower } from "../statistics/power.ts";
import { metricValue, percent, whyNot } from "./performance.ts";

const comparison = z
  .strictObject({
    /** How much worse than the champion still passes, in units of the metric. */
    margin: notNegative,
    /** Of the two-sided interval of the difference; 0.95 unless told. */
    confidence: confidence.optional(),
    level,
  })
  .optional();

const comparisons = Object.fromEntries(metricKeys.map((key) => [key, comparison])) as Record<
  MetricKey,
  typeof comparison
>;

export const championPolicy = z
  .strictObject({
    /** What the first model gets, with which nothing can be compared: no default, so that somebody has decided it. */
    first: z.enum(["pass", "fail"], "must be pass or fail: what a model gets while there is none in production"),
    ...comparisons,
  })
  .refine((policy) => metricKeys.some((key) => policy[key]), "must name at least one metric, such as accuracy");

export type ChampionPolicy = z.infer<typeof championPolicy>;

/** The version in production and its answers to the very rows that the candidate answered. */
export interface Champion {
  readonly version: string;
  readonly sha256: string;
  /** A text says why it could not answer. */
  readonly evaluation: Evaluation | string;
}

/**
 * Is the candidate no worse than the champion by more than the margin? Pass when the whole interval of the difference lies
 * above -margin, fail when the whole interval lies below, else inconclusive: these rows do not tell.
 * @param champion undefined when no version is in production
 */
export function judgeChampion(
  evaluation: Evaluation,
  champion: Champion | undefined,
  policy: ChampionPolicy,
): readonly CheckResult[] {
  if (!champion)
    return [
      {
        ...{ check: "champion.first", group: "champion", outcome: policy.first, required: true },
        detail: `there is no champion: no version is in production, and the policy lets the first model ${policy.first}`,
      },
    ];
  return metricKeys.flatMap((key) => {
    const terms = policy[key];
    return terms ? [judgeMetric(key, evaluation, champion, terms)] : [];
  });
}

function judgeMetric(
  key: MetricKey,
  evaluation: Evaluation,
  champion: Champion,
  { margin, confidence: share = 0.95, ...terms }: NonNullable<ChampionPolicy[MetricKey]>,
): CheckResult {
  const metric: Metric = METRICS[key];
  const { label, loss } = metric;
  const check = { check: `champion.${key}`, group: "champion", ...terms } as const;
  const name = `champion version ${champion.version}`;
  if (typeof champion.evaluation === "string") return inconclusive(check, `${name} ${champion.evaluation}`);
  const [ours, theirs] = [metricValue(metric, evaluation), metricValue(metric, champion.evaluation)];
  if (ours === undefined || theirs === undefined)
    return inconclusive(
      check,
      `${label} of ${ours === undefined ? "the candidate" : name} is not defined${whyNot(metric, ours === undefined ? evaluation : champion.evaluation)}`,
    );
  const { weights } = evaluation;
  const found = pairedInterval(metric, { ours: evaluation, theirs: champion.evaluation, confidence: share, weights });
  if (!isFound(found))
    return inconclusive(
      check,
      `${label} ${formatRatio(ours)} against ${formatRatio(theirs)} of ${name}: ${found.tooFew}`,
    );
  // Positive is better, for losses as well.
  const [low, high] = loss ? [-found.interval[1], -found.interval[0]] : found.interval;
  const value = loss ? theirs - ours : ours - theirs;
  const outcome = low >= -margin ? "pass" : high < -margin ? "fail" : "inconclusive";
  const meaning = { pass: "not worse", fail: "worse", inconclusive: "these rows cannot tell whether it is worse" }[
    outcome
  ];
  const needed = rowsForPower({
    ...{ rows: evaluation.rows, confidence: share, distance: margin },
    interval: [low, high],
  });
  const more =
    outcome !== "inconclusive" || !Number.isFinite(needed)
      ? ""
      : `; a model as good needs ${aboutRows(needed)} to pass in 80 % of cases`;
  const better = `${formatRatio(Math.abs(value))} ${value < 0 ? "worse" : "better"}`;
  return {
    ...{
      check: check.check,
      group: check.group,
      outcome,
      required: isRequired(terms),
      value,
      bound: -margin,
      relation: ">=",
    },
    ...{ interval: [low, high], confidence: share },
    detail:
      `${label} ${formatRatio(ours)} is ${better} than ${formatRatio(theirs)} of ${name}, ` +
      `${percent(share)} interval [${formatRatio(low)}, ${formatRatio(high)}]: ${meaning} by more than ${formatRatio(margin)}${more}`,
    why: found.why,
  };
}
