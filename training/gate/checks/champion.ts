import { z } from "zod";
import { confidence, inconclusive, notNegative } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import type { Metric, RowStatistic } from "../metrics/metric.ts";
import { METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { bootstrap, resamples } from "../statistics/bootstrap.ts";
import { accuracyDifference, mcnemar } from "../statistics/mcnemar.ts";
import { metricValue, percent, SEED, whyNot } from "./performance.ts";

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
  const found =
    key === "accuracy" && !evaluation.weights
      ? exactInterval(evaluation, champion.evaluation, share)
      : pairedInterval(metric, evaluation, champion.evaluation, share);
  if (!found) return inconclusive(check, `${label}: resamples lack rows of a class`);
  // Positive is better, for losses as well.
  const [low, high] = loss ? [-found.interval[1], -found.interval[0]] : found.interval;
  const value = loss ? theirs - ours : ours - theirs;
  const outcome = low >= -margin ? "pass" : high < -margin ? "fail" : "inconclusive";
  const meaning = { pass: "not worse", fail: "worse", inconclusive: "these rows cannot tell whether it is worse" }[
    outcome
  ];
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
      `${percent(share)} interval [${formatRatio(low)}, ${formatRatio(high)}]: ${meaning} by more than ${formatRatio(margin)}`,
    why: found.why,
  };
}

function exactInterval(ours: Evaluation, theirs: Evaluation, share: number) {
  if (ours.task === "regression" || theirs.task === "regression") return undefined;
  let [gained, lost] = [0, 0];
  for (let row = 0; row < ours.rows; row++) {
    const right = ours.predicted[row] === ours.labels[row];
    if (right === (theirs.predicted[row] === ours.labels[row])) continue;
    if (right) gained++;
    else lost++;
  }
  const p = formatRatio(mcnemar({ gained, lost }));
  return {
    interval: accuracyDifference({ gained, lost }, ours.rows, share),
    why: `only the candidate is right on ${gained} rows, only the champion on ${lost}: exact McNemar test p = ${p}, exact conditional interval`,
  };
}

/** Both models on the same resamples. */
function pairedInterval(metric: Metric, ours: Evaluation, theirs: Evaluation, share: number) {
  const [one, other] = [metric.of(ours), metric.of(theirs)];
  if (!one || !other) return undefined;
  const difference: RowStatistic = (weights) => one(weights) - other(weights);
  const interval = bootstrap(ours, difference, { confidence: share, seed: SEED });
  return interval && { interval, why: `paired percentile bootstrap, ${resamples(ours.rows)} resamples, seed ${SEED}` };
}
