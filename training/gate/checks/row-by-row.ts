import type { Prediction, Scores } from "../../../data/prediction.ts";
import { gatherRows, sliceRows, type Table } from "../../../data/table.ts";
import { isNear, isSameAnswer, sizesOf } from "../../../registry/same-answer.ts";
import { readRows } from "../../../service/inference/rows.ts";
import { type OnnxModel, PredictorError } from "../../../service/predictor/predictor.ts";
import { type Sample, sampledAnswer } from "../answers/sample.ts";
import type { CheckResult } from "../check.ts";

/**
 * Reruns the model on the sampled rows: together, in reverse order, and each alone. Apart from rounding, a prediction must not depend on the other rows
 * of a batch, because the service receives single rows and batches the rows of different callers. No policy can disable this check.
 * @param samples with the model's predictions among all rows
 * @returns a failed check if predictions depend on other rows or on chance; else undefined
 */
export async function judgeRowByRow(
  predictor: Pick<OnnxModel, "signature" | "predict">,
  samples: readonly Sample[],
): Promise<CheckResult | undefined> {
  if (samples.length === 0) return undefined;
  const table = tableOf(predictor, samples);
  const among = await predictor.predict(table);
  const sizes = sizesOf(samples);
  const found = await findDependence(predictor, table, among, { samples, sizes });
  if (!found) return undefined;
  const again = await predictor.predict(table);
  const isRandom = samples.some((_, row) => !isSameRow([among, row], [again, row], sizes));
  const fault = isRandom
    ? "the model's predictions for the same rows differ from run to run"
    : `the model's prediction for a row depends on ${found.what}`;
  return {
    check: "integrity.rowByRow",
    group: "integrity",
    outcome: "fail",
    required: true,
    detail: `${fault}, for example ${featuresOf(samples[found.row])}${found.numbers ?? ""}: such a model can be neither evaluated nor served. ${HOW_TO_EXPORT}`,
    why: `${samples.length} sampled rows: run together, in reverse order, and each alone`,
  };
}

const HOW_TO_EXPORT =
  "Export it in inference mode (batch normalization, dropout), and quantize it statically, because a dynamic scale depends on all rows. If only the last digits differ, the model sums numbers far larger than its predictions: standardize its inputs and its target";

/** Finds the first row whose prediction depends on others, and which ones. */
async function findDependence(
  predictor: Pick<OnnxModel, "predict">,
  table: Table,
  among: Prediction,
  { samples, sizes }: { readonly samples: readonly Sample[]; readonly sizes: readonly number[] },
): Promise<{ readonly what: string; readonly row: number; readonly numbers?: string } | undefined> {
  const last = table.rows - 1;
  const other = samples.findIndex((sample, row) => !isSameSample(sampledAnswer(among, row), sample, sizes));
  if (other >= 0) return { what: "the other rows of the snapshot", row: other };
  const order = Array.from({ length: table.rows }, (_, row) => last - row);
  const reversed = await predictor.predict(gatherRows(table, order));
  const moved = order.find((row) => !isSameRow([among, row], [reversed, last - row], sizes));
  if (moved !== undefined) return { what: "the order of the rows", row: moved };
  for (let row = 0; row <= last; row++) {
    const alone = await predictor.predict(sliceRows(table, row, 1));
    if (!isSameRow([among, row], [alone, 0], sizes))
      return { what: "the rows beside it", row, numbers: describeDifference([among, row], [alone, 0], sizes) };
  }
  return undefined;
}

/** Describes the first number of a prediction that differs between the row among others and alone. */
function describeDifference([one, row]: Row, [other, otherRow]: Row, sizes: readonly number[]): string {
  const [ours, theirs] = [numbersOf(one, row), numbersOf(other, otherRow)];
  const at = ours.findIndex((value, index) => !isNear(value, theirs[index] as number, sizes[index]));
  return at < 0 ? "" : ` (${ours[at]} among other rows, ${theirs[at]} alone)`;
}

function featuresOf(sample: Sample | undefined): string {
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

/** Compares predictions of a row; the label may differ if the model is undecided. */
function isSameSample(found: ReturnType<typeof sampledAnswer>, expected: Sample, sizes: readonly number[]): boolean {
  if (isSameAnswer(found, expected, sizes)) return true;
  if (!("label" in found) || !("label" in expected)) return false;
  return isSameAnswer({ ...found, label: expected.label }, expected, sizes) && isUndecided(expected, sizes);
}

function isUndecided(answer: ReturnType<typeof sampledAnswer>, sizes: readonly number[]): boolean {
  if ("values" in answer) return false;
  if (answer.scores) return areTied(answer.scores, sizes);
  return answer.positive !== null && areTied([answer.positive, 1 - answer.positive], sizes);
}

/** Compares the two largest scores. A single score is a margin, whose sign decides, so it is compared with 0. */
function areTied(scores: readonly number[], sizes: readonly number[]): boolean {
  const [first = 0, second = 0] = scores.toSorted((a, b) => b - a);
  return isNear(second, first, sizes[0]);
}

function isSameRow([one, row]: Row, [other, otherRow]: Row, sizes: readonly number[]): boolean {
  const [ours, theirs] = [numbersOf(one, row), numbersOf(other, otherRow)];
  if (!areNear(ours, theirs, sizes)) return false;
  if (one.kind === "values" || other.kind === "values") return one.kind === other.kind;
  return (
    one.classes[one.codes[row] as number] === other.classes[other.codes[otherRow] as number] || areTied(ours, sizes)
  );
}

const valuesOf = ({ data }: { readonly data: Scores["data"] }, width: number, row: number) => [
  ...data.subarray(row * width, (row + 1) * width),
];

/** Returns all values or scores of a row. */
function numbersOf(prediction: Prediction, row: number): readonly number[] {
  if (prediction.kind === "values")
    return valuesOf(
      prediction,
      prediction.shape.reduce((a, b) => a * b, 1),
      row,
    );
  return prediction.scores ? valuesOf(prediction.scores, prediction.scores.width, row) : [];
}

const areNear = (some: readonly number[], others: readonly number[], sizes: readonly number[]): boolean =>
  some.length === others.length && some.every((value, index) => isNear(value, others[index] as number, sizes[index]));
