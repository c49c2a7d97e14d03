import { z } from "zod";
import { inconclusive } from "../bounds.ts";
import { type CheckResult, formatRatio } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { gaveSameAnswers } from "../same-answers.ts";
import { compareModels, comparisons } from "./compare-models.ts";

export const championPolicy = z
  .strictObject({
    /** What the first model gets, with which nothing can be compared: no default, so that somebody has decided it. */
    first: z.enum(["pass", "fail"], "must be pass or fail: what a model gets while there is none in production"),
    ...comparisons(metricKeys),
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
  const same = typeof champion.evaluation !== "string" && gaveSameAnswers(evaluation, champion.evaluation);
  return metricKeys.flatMap((key) => {
    const terms = policy[key];
    return terms ? [judgeMetric(key, { evaluation, same }, champion, terms)] : [];
  });
}

function judgeMetric(
  key: MetricKey,
  { evaluation, same }: { readonly evaluation: Evaluation; readonly same: boolean },
  champion: Champion,
  { margin, confidence: share = 0.95, level }: NonNullable<ChampionPolicy[MetricKey]>,
): CheckResult {
  const check = { check: `champion.${key}`, group: "champion", level } as const;
  const name = `champion version ${champion.version}`;
  if (typeof champion.evaluation === "string") return inconclusive(check, `${name} ${champion.evaluation}`);
  const by = ` by more than ${formatRatio(margin)}`;
  return compareModels({
    ...check,
    ...{ metric: METRICS[key], ours: evaluation, least: -margin, confidence: share, same },
    rival: { name, role: "champion", evaluation: champion.evaluation },
    meanings: {
      pass: `not worse${by}`,
      fail: `worse${by}`,
      inconclusive: `these rows cannot tell whether it is worse${by}`,
    },
    power: () => ({ difference: 0, says: (rows) => `a model as good needs ${rows} to pass` }),
  });
}
