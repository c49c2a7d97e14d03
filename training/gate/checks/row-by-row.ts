import type { Prediction, Scores } from "../../../data/prediction.ts";
import { gatherRows, sliceRows, type Table } from "../../../data/table.ts";
import { isNear, isSameAnswer } from "../../../registry/same-answer.ts";
import { readRows } from "../../../service/inference/rows.ts";
import { type OnnxModel, PredictorError } from "../../../service/predictor/predictor.ts";
import { type Sample, sampledAnswer } from "../answers/sample.ts";
import type { CheckResult } from "../check.ts";

/**
 * Runs the sampled rows again: together, in reverse order, and each alone. Apart from rounding, a prediction must not depend on the other rows of a
 * batch: a service receives single rows, and batches the rows of different callers.
 * @param samples with the model's predictions among all rows
 * @returns why the model does not predict row by row; undefined if it does. No policy can turn this off.
 */
export async function judgeRowByRow(
  predictor: Pick<OnnxModel, "signature" | "predict">,
  samples: readonly Sample[],
): Promise<CheckResult | undefined> {
  if (samples.length === 0) return undefined;
  const table = tableOf(predictor, samples);
  const among = await predictor.predict(table);
  const found = await dependence(predictor, table, among, samples);
  if (!found) return undefined;
  const again = await predictor.predict(table);
  const isChance = samples.some((_, row) => !isSameRow([among, row], [again, row]));
  const fault = isChance
    ? "the model's predictions for the same rows differ from run to run"
    : `the model's prediction for a row depends on ${found.what}`;
  return {
    check: "integrity.rowByRow",
    group: "integrity",
    outcome: "fail",
    required: true,
    detail: `${fault}, for example ${shown(samples[found.row])}: such a model cannot be evaluated or served. ${HOW_TO_EXPORT}`,
    why: `${samples.length} sampled rows, run together, in reverse order and each alone`,
  };
}

const HOW_TO_EXPORT =
  "Export it in inference mode (batch normalization, dropout), and quantize it statically: a dynamic scale depends on all rows";

/** The first row whose prediction depends on others, and on which ones. */
async function dependence(
  predictor: Pick<OnnxModel, "predict">,
  table: Table,
  among: Prediction,
  samples: readonly Sample[],
): Promise<{ readonly what: string; readonly row: number } | undefined> {
  const last = table.rows - 1;
  const other = samples.findIndex((sample, row) => !isSameSample(sampledAnswer(among, row), sample));
  if (other >= 0) return { what: "the other rows of the snapshot", row: other };
  const order = Array.from({ length: table.rows }, (_, row) => last - row);
  const reversed = await predictor.predict(gatherRows(table, order));
  const moved = order.find((row) => !isSameRow([among, row], [reversed, last - row]));
  if (moved !== undefined) return { what: "the order of the rows", row: moved };
  for (let row = 0; row <= last; row++) {
    const alone = await predictor.predict(sliceRows(table, row, 1));
    if (!isSameRow([among, row], [alone, 0])) return { what: "the rows beside it", row };
  }
  return undefined;
}

function shown(sample: Sample | undefined): string {
  const text = JSON.stringify(sample?.features);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Reads the rows as the service would. @throws PredictorError for a value that the service rejects */
function tableOf({ signature }: Pick<OnnxModel, "signature">, samples: readonly Sample[]): Table {
  const list = samples.map(({ features }) => features);
  try {
    return readRows(list, "/features", { signature, maxRows: list.length }).table;
  } catch (cause) {
    throw new PredictorError(`the service rejects a row of the snapshot: ${(cause as Error).message}`, { cause });
  }
}

type Row = readonly [Prediction, number];

/** Compares samples; a label may differ if the model is undecided. */
function isSameSample(found: ReturnType<typeof sampledAnswer>, wanted: Sample): boolean {
  if (isSameAnswer(found, wanted)) return true;
  if (!("label" in found) || !("label" in wanted)) return false;
  return isSameAnswer({ ...found, label: wanted.label }, wanted) && isUndecided(wanted);
}

function isUndecided(answer: ReturnType<typeof sampledAnswer>): boolean {
  if ("values" in answer || answer.positive === null) return false;
  return areTied(answer.scores ?? [answer.positive, 1 - answer.positive]);
}

function areTied(scores: readonly number[]): boolean {
  const [first = 0, second] = scores.toSorted((a, b) => b - a);
  return isNear(second, first);
}

function isSameRow([one, row]: Row, [other, place]: Row): boolean {
  if (one.kind === "values" || other.kind === "values") {
    if (one.kind !== "values" || other.kind !== "values") return false;
    const width = one.shape.reduce((product, size) => product * size, 1);
    return areNear(valuesOf(one, width, row), valuesOf(other, width, place));
  }
  const [ours, theirs] = [scoresOf(one.scores, row), scoresOf(other.scores, place)];
  if (!areNear(ours, theirs)) return false;
  return one.classes[one.codes[row] as number] === other.classes[other.codes[place] as number] || areTied(ours);
}

const valuesOf = ({ data }: { readonly data: Scores["data"] }, width: number, row: number) => [
  ...data.subarray(row * width, (row + 1) * width),
];

const scoresOf = (scores: Scores | undefined, row: number) => (scores ? valuesOf(scores, scores.width, row) : []);

const areNear = (some: readonly number[], others: readonly number[]): boolean =>
  some.length === others.length && some.every((value, place) => isNear(value, others[place] as number));
