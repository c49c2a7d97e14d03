import { z } from "zod";
import { confidence, inconclusive, notNegative } from "../bounds.ts";
import { type CheckGroup, type CheckResult, formatRatio, isRequired, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { isFound } from "../intervals/interval.ts";
import { pairedInterval } from "../intervals/paired-interval.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, type MetricKey } from "../metrics/metric-table.ts";
import { type TruthNeed, truthGap } from "../metrics/truth-needs.ts";
import { notDefined } from "../not-defined.ts";
import { aboutRows, rowsForPower } from "../statistics/power.ts";
import { metricValue, percent } from "./performance.ts";
import { withInterval } from "./with-interval.ts";

/** What a policy says of a metric that two models are compared by. */
const comparisonTerms = (metric: Metric) => {
  const [low, high] = metric.range;
  const terms = z
    .strictObject({
      /** How much worse than the champion still passes, or how much better than the baseline the model must be, in units of the metric. */
      margin: Number.isFinite(high - low)
        ? notNegative.lt(
            high - low,
            `must be less than ${high - low}, since values lie between ${low} and ${high}: 5 % is 0.05`,
          )
        : notNegative,
      /** Of the two-sided interval of the difference; 0.95 by default. */
      confidence: confidence.optional(),
      level,
    })
    .optional();
  return withInterval(metric, terms, "compare");
};

/** The same of each of these metrics. */
export const comparisons = <Key extends MetricKey>(keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, comparisonTerms(METRICS[key])])) as Record<
    Key,
    ReturnType<typeof comparisonTerms>
  >;

/** What the candidate is compared with, on the same rows. */
export interface Rival {
  /** In a sentence, such as `champion version 7`. */
  readonly name: string;
  /** Where rows are counted: "only the champion on 3". */
  readonly role: string;
  readonly evaluation: Evaluation;
}

export interface ModelComparison {
  readonly check: string;
  readonly group: CheckGroup;
  readonly metric: Metric;
  readonly ours: Evaluation;
  readonly rival: Rival;
  /** What the difference must reach, in units of the metric; more than 0 where the candidate must be better. */
  readonly least: number;
  /** Of the two-sided interval of the difference. */
  readonly confidence: number;
  readonly level?: "required" | "advisory" | undefined;
  /** What the truth must have for this comparison, whatever the metric needs. */
  readonly needs?: TruthNeed;
  /** Answers that are the very same are no worse, which no interval can show: that of no difference has a width. */
  readonly same?: boolean;
  /** What each outcome means. */
  readonly meanings: Readonly<Record<CheckResult["outcome"], string>>;
  /** The difference that the power calculation assumes, and what it would show, for a comparison that the rows cannot decide. */
  readonly power: (difference: number) => { readonly difference: number; readonly says: (rows: string) => string };
}

/**
 * Compares the candidate's metric with a rival's on the same rows. Passes when the whole interval of the difference is `least` or more, fails when the
 * whole interval lies below, and is inconclusive otherwise: these rows cannot tell.
 */
export function compareModels(comparison: ModelComparison): CheckResult {
  const { check, group, metric, ours, rival, least, confidence, level, meanings } = comparison;
  const { label, loss } = metric;
  const open = { check, group, level };
  const { weights, rows } = ours;
  const truth = comparison.needs && truthGap(comparison.needs, ours, weights);
  if (truth !== undefined) return inconclusive(open, `${label} cannot be compared with ${rival.name}: ${truth}`);
  for (const [name, evaluation] of [["the candidate", ours] as const, [rival.name, rival.evaluation] as const]) {
    const gap = notDefined(metric, evaluation);
    if (gap) return inconclusive(open, `${label} of ${name} is not defined${gap.reason}`);
  }
  const [mine, theirs] = [metricValue(metric, ours), metricValue(metric, rival.evaluation)];
  if (comparison.same)
    return {
      ...{ check, group, outcome: "pass", required: isRequired({ level }), value: 0, bound: least, relation: ">=" },
      detail: `${label} ${formatRatio(mine)} is that of ${rival.name}: both models give the same answers to all ${rows} rows`,
      why: "every label, probability, score and value of both models is equal, to the last bit",
    };
  const found = pairedInterval(metric, {
    ...{ ours, theirs: rival.evaluation, confidence, weights },
    rival: rival.role,
  });
  if (!isFound(found))
    return inconclusive(
      open,
      `${label} ${formatRatio(mine)} against ${formatRatio(theirs)} of ${rival.name}: ${found.tooFew}`,
    );
  // Positive is better, for losses as well.
  const [low, high] = loss ? [-found.interval[1], -found.interval[0]] : found.interval;
  const value = loss ? theirs - mine : mine - theirs;
  const outcome = low >= least ? "pass" : high < least ? "fail" : "inconclusive";
  const assumed = comparison.power(value);
  const needed = rowsForPower({ rows, confidence, interval: [low, high], distance: assumed.difference - least });
  const more =
    outcome === "inconclusive" && Number.isFinite(needed)
      ? `; ${assumed.says(aboutRows(needed))} in 80 % of cases`
      : "";
  const better = `${formatRatio(Math.abs(value))} ${value < 0 ? "worse" : "better"}`;
  return {
    ...{ check, group, outcome, required: isRequired({ level }), value, bound: least, relation: ">=" },
    ...{ interval: [low, high], confidence },
    detail:
      `${label} ${formatRatio(mine)} is ${better} than ${formatRatio(theirs)} of ${rival.name}, ` +
      `${percent(confidence)} interval [${formatRatio(low)}, ${formatRatio(high)}]: ${meanings[outcome]}${more}`,
    why: found.why,
  };
}
