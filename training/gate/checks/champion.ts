import { z } from "zod";
import { inconclusive } from "../bounds.ts";
import { type CheckResult, formatRatio } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { gaveSameAnswers } from "../same-answers.ts";
import { compareModels, comparisons } from "./compare-models.ts";

export const championPolicy = z
  .strictObject({
    /** Outcome for the first model, which has no champion to compare with. Has no default, because this is an explicit decision. */
    first: z.enum(
      ["pass", "fail"],
      "must be pass or fail{got}: the outcome for a model while no version is in production",
    ),
    ...comparisons(metricKeys),
  })
  .refine((policy) => metricKeys.some((key) => policy[key]), "must name at least one metric, such as accuracy");

export type ChampionPolicy = z.infer<typeof championPolicy>;

/** The version in production, with its predictions for the candidate's rows. */
export interface Champion {
  readonly version: string;
  readonly sha256: string;
  /** Its evaluation, or the reason why it could not predict. */
  readonly evaluation: Evaluation | string;
}

/**
 * Checks that the candidate is not worse than the champion by more than the margin. Passes if the whole interval of the difference is
 * at least -margin, and fails if it is entirely below. Otherwise there are too few rows, and the check is inconclusive.
 * @param champion undefined if no version is in production
 */
export function judgeChampion(
  evaluation: Evaluation,
  champion: Champion | undefined,
  policy: ChampionPolicy,
): readonly CheckResult[] {
  if (!champion)
    return [
      {
        check: "champion.first",
        group: "champion",
        outcome: policy.first,
        required: true,
        detail: `no champion: no version is in production, and the policy sets first: ${policy.first}`,
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
  { margin, confidence = 0.95, level }: NonNullable<ChampionPolicy[MetricKey]>,
): CheckResult {
  const check = { check: `champion.${key}`, group: "champion", level } as const;
  const name = `champion version ${champion.version}`;
  if (typeof champion.evaluation === "string") return inconclusive(check, `${name} ${champion.evaluation}`);
  const by = ` by more than ${formatRatio(margin)}`;
  return compareModels({
    ...check,
    metric: METRICS[key],
    ours: evaluation,
    minDifference: -margin,
    confidence,
    same,
    rival: { name, role: "champion", evaluation: champion.evaluation },
    meanings: {
      pass: `not worse${by}`,
      fail: `worse${by}`,
      inconclusive: `too few rows to tell whether it is worse${by}`,
    },
    power: () => ({ difference: 0, message: (rows) => `an equally good model needs ${rows} to pass` }),
  });
}
