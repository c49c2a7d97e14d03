import { z } from "zod";
import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap, DECIMAL } from "../../../data/reader/class-map.ts";
import { anomalyLabels } from "../answers/anomaly-labels.ts";
import { ImpossibleAnswer } from "../answers/answer-rows.ts";
import { LabelReader } from "../answers/label-reader.ts";
import { atMost, compare, inconclusive, notNegative, ratio } from "../bounds.ts";
import type { CheckResult } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import type { StoredPredictions } from "../stored-predictions.ts";

export const parityPolicy = z
  .strictObject({
    /** Share of rows whose stored label is not the served one. */
    flips: atMost(ratio).optional(),
    /** Largest difference of a stored and a served probability, or value of a regressor. */
    difference: atMost(notNegative).optional(),
  })
  .refine(({ flips, difference }) => flips || difference, "must have flips or difference");

const group = "parity";

/** Holds what the trainer's own code predicted against what will be served. @param stored a text says why there is nothing */
export function judgeParity(
  evaluation: Evaluation,
  stored: StoredPredictions | string,
  { flips, difference }: z.infer<typeof parityPolicy>,
): CheckResult[] {
  const results: CheckResult[] = [];
  const why = `${evaluation.rows} predictions that the trainer stored`;
  const judge = (key: "flips" | "difference", label: string, found: number | string, bound: typeof flips) => {
    if (!bound) return;
    const common = { check: `parity.${key}`, group, level: bound.level } as const;
    results.push(
      typeof found === "string"
        ? inconclusive(common, found)
        : compare({ ...common, relation: "<=", label, value: found, bound: bound.max, why }),
    );
  };
  const open = problemOf(evaluation, stored);
  const detector = detectorOf(evaluation);
  judge(
    "flips",
    "labels served otherwise than the trainer predicted",
    open ?? (detector?.unlabelled ? UNLABELLED : flipsOf(evaluation, stored)),
    flips,
  );
  const kind = evaluation.task === "regression" ? "value" : "probability";
  const label = `largest difference of a ${kind} to the trainer's`;
  judge("difference", label, open ?? (detector ? SCORES : differenceOf(evaluation, stored)), difference);
  return results;
}

const SCORES = "an anomaly detector's scores are not compared with the trainer's: parity.flips compares its labels";

/** Why nothing can be compared. */
function problemOf(evaluation: Evaluation, stored: StoredPredictions | string): string | undefined {
  if (typeof stored === "string") return stored;
  if ((stored.kind === "values") !== (evaluation.task === "regression"))
    return `the trainer stored ${stored.kind}, and the model is judged as ${judgedAs(evaluation)}`;
  const rows = stored.kind === "values" ? stored.values.length / stored.targets : stored.labels.length;
  return rows === evaluation.rows ? undefined : `the trainer stored ${rows} predictions for ${evaluation.rows} rows`;
}

function flipsOf(evaluation: Evaluation, stored: StoredPredictions | string): number | string {
  if (typeof stored === "string" || stored.kind === "values" || evaluation.task === "regression")
    return "flips are of labels, and a regressor gives none";
  if (evaluation.task === "binary" && evaluation.anomaly) return detectorFlips(evaluation, stored.labels);
  const codeOf = codesOf(evaluation);
  let count = 0;
  for (const [row, label] of stored.labels.entries()) if (codeOf(label) !== evaluation.predicted[row]) count++;
  return count / evaluation.rows;
}

/** Labels are read as the model's own are: -1 may be scikit-learn's anomaly. */
function detectorFlips(
  { classes: [negative, positive], predicted, rows }: Extract<Evaluation, { task: "binary" }>,
  labels: readonly ClassName[],
): number | string {
  const names = [...new Set(labels)];
  const values = names.map((name) => (DECIMAL.test(String(name)) ? Number(name) : name));
  try {
    const meanings = new Map(anomalyLabels(values, { negative, positive }).map((code, place) => [names[place], code]));
    return labels.filter((label, row) => meanings.get(label) !== predicted[row]).length / rows;
  } catch (error) {
    if (error instanceof ImpossibleAnswer) return `the trainer's labels cannot be read: ${error.message}`;
    throw error;
  }
}

/** A label that the model does not know is none of its codes. */
function codesOf(evaluation: Exclude<Evaluation, { task: "regression" }>): (label: ClassName) => number | undefined {
  const codes = new Map<ClassName, number | undefined>();
  const read = readerOf(evaluation);
  return (label) => {
    if (!codes.has(label)) codes.set(label, read(label));
    return codes.get(label);
  };
}

function readerOf({ task, classes }: Exclude<Evaluation, { task: "regression" }>) {
  const map = new ClassMap(classes);
  if (task === "multiclass") return (label: ClassName) => map.codeOf(label);
  const coded = new LabelReader({ negative: classes[0] as ClassName, positive: classes[1] as ClassName });
  const isNumber = (label: ClassName) => /^[01](?:\.0*)?$/.test(String(label));
  return (label: ClassName) => map.codeOf(label) ?? (isNumber(label) ? coded.read(Number(label)) : undefined);
}

function differenceOf(evaluation: Evaluation, stored: StoredPredictions | string): number | string {
  if (typeof stored === "string") return stored;
  const theirs = stored.kind === "values" ? stored.values : stored.positive;
  const ours =
    evaluation.task === "regression"
      ? evaluation.predicted
      : evaluation.task === "binary"
        ? evaluation.positive
        : undefined;
  if (evaluation.task === "multiclass") return "probabilities of more than two classes are not stored";
  if (!theirs) return "the trainer stored no probabilities";
  if (!ours) return "the model gives no probabilities";
  if (theirs.length !== ours.length)
    return `the trainer stored ${theirs.length} values, and the model gives ${ours.length}`;
  let largest = 0;
  for (let place = 0; place < ours.length; place++)
    largest = Math.max(largest, Math.abs((theirs[place] as number) - (ours[place] as number)));
  return largest;
}
