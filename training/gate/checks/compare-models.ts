import { z } from "zod";
import { confidence, inconclusive, notNegative } from "../bounds.ts";
import { type CheckResult, formatRatio, isRequired, level } from "../check.ts";
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

/** Policy settings of a metric that compares two models. */
const comparisonTerms = (metric: Metric) => {
  const [low, high] = metric.range;
  const terms = z
    .strictObject({
      /** How much worse than the champion the model may be, or how much better than the baseline it must be, in units of the metric. */
      margin: Number.isFinite(high - low)
        ? notNegative.lt(
            high - low,
            `must be less than ${high - low}{got}: values lie between ${low} and ${high}, so 5 % is 0.05`,
          )
        : notNegative,
      /** Confidence of the two-sided interval of the difference; default: 0.95. */
      confidence: confidence.optional(),
      level,
    })
    .optional();
  return withInterval(metric, terms, "compare");
};

/** Policy settings of the comparison for each of these metrics. */
export const comparisons = <Key extends MetricKey>(keys: readonly Key[]) =>
  Object.fromEntries(keys.map((key) => [key, comparisonTerms(METRICS[key])])) as Record<
    Key,
    ReturnType<typeof comparisonTerms>
  >;

/** The model to compare with, on the same rows. */
interface Rival {
  /** Name in messages, such as `champion version 7`. */
  readonly name: string;
  /** Short name in counts, such as "only the champion on 3". */
  readonly role: string;
  readonly evaluation: Evaluation;
}

export interface ModelComparison {
  readonly check: string;
  readonly group: string;
  readonly metric: Metric;
  readonly ours: Evaluation;
  readonly rival: Rival;
  /** Required difference, in units of the metric; positive if the candidate must be better. */
  readonly minDifference: number;
  /** Confidence of the two-sided interval of the difference. */
  readonly confidence: number;
  readonly level?: "required" | "advisory" | undefined;
  /** What the truth must contain for this comparison, in addition to what the metric needs. */
  readonly needs?: TruthNeed;
  /** Whether both models' predictions are identical, which passes. No interval can show this, because even a zero difference has an interval of some width. */
  readonly same?: boolean;
  /** Meaning of each outcome. */
  readonly meanings: Readonly<Record<CheckResult["outcome"], string>>;
  /** For an inconclusive comparison: the difference that the power calculation assumes, and the message for the rows it needs. */
  readonly power: (difference: number) => { readonly difference: number; readonly message: (rows: string) => string };
}

/**
 * Compares the candidate's metric with a rival's on the same rows. Passes if the whole interval of the difference is at least `minDifference`, and
 * fails if it is entirely below. Otherwise there are too few rows, and the check is inconclusive.
 */
export function compareModels(comparison: ModelComparison): CheckResult {
  const { check, group, metric, ours, rival, minDifference, confidence, level, meanings } = comparison;
  const { label, loss } = metric;
  const named = { check, group, level };
  const { weights, rows } = ours;
  const gapInTruth = comparison.needs && truthGap(comparison.needs, ours, weights);
  if (gapInTruth !== undefined)
    return inconclusive(named, `${label} cannot be compared with ${rival.name}: ${gapInTruth}`);
  for (const [name, evaluation] of [["the candidate", ours] as const, [rival.name, rival.evaluation] as const]) {
    const gap = notDefined(metric, evaluation);
    if (gap) return inconclusive(named, `${label} of ${name} is not defined${gap.reason}`);
  }
  const [mine, theirs] = [metricValue(metric, ours), metricValue(metric, rival.evaluation)];
  if (comparison.same)
    return {
      check,
      group,
      outcome: "pass",
      required: isRequired({ level }),
      value: 0,
      bound: minDifference,
      relation: ">=",
      detail: `${label} is ${formatRatio(mine)} for both the candidate and ${rival.name}: their predictions are identical for all ${rows} rows`,
      why: "all labels, probabilities, scores and values of both models are bitwise equal",
    };
  const found = pairedInterval(metric, {
    ours,
    theirs: rival.evaluation,
    confidence,
    weights,
    rival: rival.role,
  });
  if (!isFound(found))
    return inconclusive(
      named,
      `${label} ${formatRatio(mine)} versus ${formatRatio(theirs)} for ${rival.name}: ${found.tooFew}`,
    );
  // Positive means better, for losses as well.
  const [low, high] = loss ? [-found.interval[1], -found.interval[0]] : found.interval;
  const value = loss ? theirs - mine : mine - theirs;
  const outcome = low >= minDifference ? "pass" : high < minDifference ? "fail" : "inconclusive";
  const assumed = comparison.power(value);
  const needed = rowsForPower({
    rows,
    confidence,
    interval: [low, high],
    distance: assumed.difference - minDifference,
  });
  const more =
    outcome === "inconclusive" && Number.isFinite(needed)
      ? `; ${assumed.message(aboutRows(needed))} in 80 % of cases`
      : "";
  const better = `${formatRatio(Math.abs(value))} ${value < 0 ? "worse" : "better"}`;
  return {
    check,
    group,
    outcome,
    required: isRequired({ level }),
    value,
    bound: minDifference,
    relation: ">=",
    interval: [low, high],
    confidence,
    detail:
      `${label} ${formatRatio(mine)} is ${better} than ${formatRatio(theirs)} for ${rival.name}, ` +
      `${percent(confidence)} interval [${formatRatio(low)}, ${formatRatio(high)}]: ${meanings[outcome]}${more}`,
    why: found.why,
  };
}
