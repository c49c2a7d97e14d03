import { z } from "zod";
import { DECIMAL } from "../../../data/cells.ts";
import type { ClassName } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import { anomalyLabels } from "../answers/anomaly-labels.ts";
import { ImpossibleAnswer } from "../answers/answer-rows.ts";
import { LabelReader } from "../answers/label-reader.ts";
import { atMost, compare, inconclusive, type Level, notNegative, ratio } from "../bounds.ts";
import { type CheckResult, level } from "../check.ts";
import type { Evaluation } from "../evaluation.ts";
import { detectorOf, judgedAs, UNLABELLED } from "../metrics/answered-rows.ts";
import { type PairedOutput, pairedOutputs } from "../paired-outputs.ts";
import type { StoredPredictions } from "../stored-predictions.ts";

export const parityPolicy = z
  .strictObject({
    /** Share of rows whose stored label differs from the served one. */
    flips: atMost(ratio).optional(),
    /** Largest difference between a stored and a served probability, score or regression value. */
    difference: z
      .strictObject({
        max: notNegative,
        /** Additional tolerance as a share of the stored number; default: 0. */
        relative: ratio.optional(),
        level,
      })
      .optional(),
  })
  .refine(({ flips, difference }) => flips || difference, "must have flips or difference");
type ParityPolicy = z.infer<typeof parityPolicy>;

const group = "parity";

/** Compares the trainer's own predictions with those that will be served. @param stored the predictions, or why there are none */
export function judgeParity(
  evaluation: Evaluation,
  stored: StoredPredictions | string,
  { flips, difference }: ParityPolicy,
): CheckResult[] {
  const found = problemOf(evaluation, stored) ?? stored;
  const results: CheckResult[] = [];
  if (flips) results.push(judgeFlips(evaluation, found, flips));
  if (difference) results.push(judgeDifference(evaluation, found, difference));
  return results;
}

/** Returns why predictions cannot be compared; undefined if they can. */
function problemOf(evaluation: Evaluation, stored: StoredPredictions | string): string | undefined {
  if (typeof stored === "string") return stored;
  if ((stored.kind === "values") !== (evaluation.task === "regression"))
    return `the trainer stored ${stored.kind}, but the model's task is ${judgedAs(evaluation)}`;
  const rows = rowsOf(stored);
  return rows === evaluation.rows ? undefined : `the trainer stored ${rows} predictions for ${evaluation.rows} rows`;
}

function rowsOf(stored: StoredPredictions): number {
  if (stored.kind === "values") return stored.values.length / stored.targets;
  const [ofClass] = stored.probabilities?.values() ?? [];
  return (stored.labels ?? stored.positive ?? ofClass ?? stored.scores ?? []).length;
}

const provenance = ({ rows }: Evaluation) => `${rows} predictions that the trainer stored`;

function judgeFlips(
  evaluation: Evaluation,
  stored: StoredPredictions | string,
  { max, level }: { readonly max: number; readonly level?: Level },
): CheckResult {
  const common = { check: "parity.flips", group, level } as const;
  if (typeof stored === "string") return inconclusive(common, stored);
  if (stored.kind === "values" || evaluation.task === "regression")
    return inconclusive(common, "flips compare labels, and a regressor has none");
  if (!stored.labels) return inconclusive(common, "the trainer stored no labels");
  const detector = detectorOf(evaluation);
  if (detector?.unlabelled) return inconclusive(common, UNLABELLED);
  const codeOf = detector ? detectorCodes(evaluation, stored.labels) : codesOf(evaluation);
  if (typeof codeOf === "string") return inconclusive(common, codeOf);
  let count = 0;
  let first = -1;
  for (const [row, label] of stored.labels.entries()) {
    if (codeOf(label) === evaluation.predicted[row]) continue;
    if (count++ === 0) first = row;
  }
  const label = "labels that differ from the trainer's predictions";
  const result = compare({
    ...common,
    relation: "<=",
    label,
    value: count / evaluation.rows,
    bound: max,
    why: provenance(evaluation),
  });
  if (first < 0) return result;
  const served = evaluation.classes[evaluation.predicted[first] as number];
  return {
    ...result,
    detail: `${result.detail} (first at row ${first}: ${served} served, ${stored.labels[first]} stored)`,
  };
}

/** Reads labels like the model's own: -1 may be scikit-learn's anomaly. Returns a string that explains why they cannot be read. */
function detectorCodes({ classes }: Exclude<Evaluation, { task: "regression" }>, labels: readonly ClassName[]) {
  const [negative, positive] = classes as readonly [ClassName, ClassName];
  const names = [...new Set(labels)];
  const values = names.map((name) => (DECIMAL.test(String(name)) ? Number(name) : name));
  try {
    const meanings = new Map(anomalyLabels(values, { negative, positive }).map((code, index) => [names[index], code]));
    return (label: ClassName): number | undefined => meanings.get(label);
  } catch (error) {
    if (error instanceof ImpossibleAnswer) return `the trainer's labels cannot be read: ${error.message}`;
    throw error;
  }
}

/** Maps labels to the model's codes; undefined for a label that is not one of the model's classes. */
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

/** Compares all numbers that the model returns. Reports outputs that the file lacks, and makes a pass without them inconclusive. */
function judgeDifference(
  evaluation: Evaluation,
  stored: StoredPredictions | string,
  { max, relative = 0, level }: NonNullable<ParityPolicy["difference"]>,
): CheckResult {
  const common = { check: "parity.difference", group, level } as const;
  if (typeof stored === "string") return inconclusive(common, stored);
  const { pairs, lacking, unserved } = pairedOutputs(evaluation, stored);
  const notStored = `the trainer stored no ${lacking.join(", no ")}`;
  const notServed = unserved.length === 0 ? "" : `the model returns no ${unserved.join(", no ")}`;
  const [first, ...more] = pairs.map((pair) => farthest(pair, evaluation.rows, relative));
  if (!first)
    return inconclusive(common, lacking.length > 0 ? notStored : notServed || "the model returns no probabilities");
  const worst = more.reduce((most, one) => (one.excess > most.excess ? one : most), first);
  const kind = { regression: "value", multiclass: "probability", binary: "probability" }[evaluation.task];
  const beyond = relative > 0 ? ` (beyond ${relative} of its size)` : "";
  const result = compare({
    ...common,
    relation: "<=",
    label: `largest difference between a served ${worst.name === "score" ? "score" : kind} and the trainer's${beyond}`,
    value: worst.excess,
    bound: max,
    why: `${provenance(evaluation)}: ${pairs.map(({ name }) => name).join(", ")}`,
  });
  const largest =
    worst.excess > 0 ? `${worst.name}, row ${worst.row}: ${worst.served} served, ${worst.stored} stored` : "";
  const notes = [largest, lacking.length > 0 ? notStored : "", notServed].filter((note) => note !== "");
  const detail = notes.length === 0 ? result.detail : `${result.detail} (${notes.join("; ")})`;
  const outcome = lacking.length > 0 && result.outcome === "pass" ? "inconclusive" : result.outcome;
  return { ...result, outcome, detail };
}

/** Finds the row with the largest difference between the served and the stored number, after deducting the relative tolerance. */
function farthest({ name, served, stored, isSingle }: PairedOutput, rows: number, relative: number) {
  let [excess, worst] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const theirs = isSingle ? Math.fround(stored(row)) : stored(row);
    const distance = Math.abs(served(row) - theirs) - relative * Math.abs(theirs);
    if (distance <= excess) continue;
    [excess, worst] = [distance, row];
  }
  return { name, excess, row: worst, served: served(worst), stored: stored(worst) };
}
