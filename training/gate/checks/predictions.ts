import { z } from "zod";
import { compare, failed, type Level, ratio } from "../bounds.ts";
import { type CheckResult, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { rowMean } from "../metrics/row-mean.ts";

const between = (value: z.ZodNumber) =>
  z
    .strictObject({ min: value.optional(), max: value.optional(), level })
    .refine(({ min, max }) => min !== undefined || max !== undefined, "must have min or max")
    .refine(
      ({ min, max }) => min === undefined || max === undefined || min <= max,
      "must not have a min above its max{got}: no model could pass",
    );

export const predictionsPolicy = z
  .strictObject({
    /** Share of the rows, by weight, that are predicted as the positive class: how many customers to call, or alerts to look at. */
    positiveShare: between(ratio).optional(),
    /** Range of a regressor's predictions, of all targets: a price is never negative. */
    value: between(z.number()).optional(),
  })
  .refine(({ positiveShare, value }) => positiveShare || value, "must have positiveShare or value");
type Terms = z.infer<typeof predictionsPolicy>;

const group = "predictions";

/** Bounds what the model predicts, whatever the truth is. */
export function judgePredictions(evaluation: Evaluation, { positiveShare, value }: Terms): CheckResult[] {
  return [
    ...(positiveShare ? judgeShare(evaluation, positiveShare) : []),
    ...(value ? judgeValues(evaluation, value) : []),
  ];
}

function judgeShare(evaluation: Evaluation, terms: NonNullable<Terms["positiveShare"]>): CheckResult[] {
  const common = { check: "predictions.positiveShare", group, level: terms.level };
  const label = "share of rows predicted positive";
  if (evaluation.task !== "binary")
    return [failed(common, `${label} requires the task binary or anomaly, not ${judgedAs(evaluation)}`)];
  if (detectorOf(evaluation)?.unlabelled) return [failed(common, `${label} is not defined: ${UNLABELLED}`)];
  const { predicted, rows, weights } = evaluation;
  const share = rowMean(rows, (row) => (predicted[row] === 1 ? 1 : 0))(weights);
  return ends(terms, { ...common, label, lowest: share, highest: share });
}

function judgeValues(evaluation: Evaluation, terms: NonNullable<Terms["value"]>): CheckResult[] {
  const common = { check: "predictions.value", group, level: terms.level };
  if (evaluation.task !== "regression")
    return [failed(common, `predicted values require the task regression, not ${judgedAs(evaluation)}`)];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of evaluation.predicted) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return ends(terms, { ...common, lowest, highest });
}

interface Range extends Pick<CheckResult, "check" | "group"> {
  readonly level: Level;
  /** By default, the lowest and the highest value are named as such. */
  readonly label?: string;
  readonly lowest: number;
  readonly highest: number;
}

const ends = (
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  { label, lowest, highest, ...common }: Range,
): CheckResult[] => [
  ...(min === undefined
    ? []
    : [compare({ ...common, relation: ">=", label: label ?? "lowest predicted value", value: lowest, bound: min })]),
  ...(max === undefined
    ? []
    : [compare({ ...common, relation: "<=", label: label ?? "highest predicted value", value: highest, bound: max })]),
];
