import { numbersOf } from "../../data/column-values.ts";
import { isBinned } from "../../data/drift/binned-values.ts";
import type { Field } from "../../data/field.ts";
import type { Truth } from "../../data/prediction.ts";
import type { Column, Table } from "../../data/table.ts";
import { SEED } from "./intervals/interval.ts";
import { descendingOrder } from "./metrics/descending-order.ts";
import { NearestRows } from "./statistics/nearest-rows.ts";
import { seededRandom } from "./statistics/random.ts";
import { rocArea } from "./statistics/roc-area.ts";

/**
 * Kind of score. `auc`: area under the ROC curve, 0.5 is chance. `skill`: share of errors that the column avoids, compared with always predicting the most
 * frequent class. `r2`: explained variance of the best predicted target. For the last two, chance gives about 0.
 */
export type ScoreKind = "auc" | "skill" | "r2";

export interface LabelLeakage {
  readonly kind: ScoreKind;
  /** How well each column alone predicts the truth, 1 being without any error; in descending order of the score. */
  readonly columns: readonly { readonly column: string; readonly score: number }[];
}

/** Maximum number of rows to use; more reveal nothing further about a column that predicts nearly everything. */
const MOST_ROWS = 20_000;
/** Minimum rows per class, and of all rows. */
const FEWEST_OF_CLASS = 10;
const FEWEST_ROWS = 30;

/**
 * Scores each column as the only feature of a model: half of the rows predict the other half, and vice versa, so that a key with unique values
 * predicts nothing. Skips lists and tensors.
 * @param table the model's columns @returns a string that explains why there is no score
 */
export function labelLeakage(table: Table, truth: Truth): LabelLeakage | string {
  const rows = sampledRows(table.rows);
  if (rows.length < FEWEST_ROWS) return `${table.rows} rows, but at least ${FEWEST_ROWS} are needed`;
  const task = taskOf(truth, rows);
  if (typeof task === "string") return task;
  const half = rows.length >> 1;
  const halves = [rows.subarray(0, half), rows.subarray(half)] as const;
  const columns = table.fields.flatMap((field, index) => {
    if (!isBinned(field)) return [];
    const values = valuesOf(field, table.columns[index] as Column, table.rows);
    const isNumeric = field.type !== "string" && field.type !== "boolean";
    const scores = [halves, [halves[1], halves[0]] as const].map(([fitRows, testRows]) => {
      const nearest = new NearestRows(at(values, fitRows), at(values, testRows), isNumeric);
      return task.score((targets) => nearest.means(at(targets, fitRows)), testRows);
    });
    return [{ column: field.name, score: (scores[0] as number) / 2 + (scores[1] as number) / 2 }];
  });
  if (columns.length === 0) return "the model takes only lists and tensors, which are not checked";
  return { kind: task.kind, columns: columns.sort((a, b) => b.score - a.score) };
}

/** Rows in a random but reproducible order. */
function sampledRows(rows: number): Uint32Array {
  const random = seededRandom(SEED);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const taken = Math.min(rows, MOST_ROWS);
  for (let index = 0; index < taken; index++) {
    const other = index + random.below(rows - index);
    [order[index], order[other]] = [order[other] as number, order[index] as number];
  }
  return order.slice(0, taken);
}

const at = (values: Float64Array, rows: Uint32Array): Float64Array =>
  Float64Array.from(rows, (row) => values[row] as number);

function valuesOf(field: Field, column: Column, rows: number): Float64Array {
  if (column.kind === "number") return numbersOf(field, column, rows);
  return Float64Array.from(column.codes.subarray(0, rows), (code) => (code < 0 ? Number.NaN : code));
}

/** Predicts a target for the held-out rows. */
type Predict = (targets: Float64Array) => Float64Array;

interface Task {
  readonly kind: ScoreKind;
  score(predict: Predict, testRows: Uint32Array): number;
}

function taskOf(truth: Truth, rows: Uint32Array): Task | string {
  if (truth.kind === "values") {
    const { data, targets } = truth;
    const columns = targets.map((_, target) =>
      Float64Array.from(
        { length: data.length / targets.length },
        (_, row) => data[row * targets.length + target] as number,
      ),
    );
    const score = (predict: Predict, testRows: Uint32Array) =>
      Math.max(...columns.map((target) => r2(predict(target), at(target, testRows))));
    return { kind: "r2", score };
  }
  const { classes, codes } = truth;
  const counts = classes.map((_, code) => rows.reduce((sum, row) => sum + Number(codes[row] === code), 0));
  const seen = counts.flatMap((count, code) => (count >= FEWEST_OF_CLASS ? [code] : []));
  if (seen.length < 2) return `fewer than two classes have at least ${FEWEST_OF_CLASS} rows`;
  const isOf = new Map(classes.map((_, code) => [code, Float64Array.from(codes, (one) => Number(one === code))]));
  if (classes.length === 2) return { kind: "auc", score: (predict, testRows) => auc(predict, testRows, isOf.get(1)) };
  return { kind: "skill", score: (predict, testRows) => skill(predict, testRows, codes, isOf) };
}

function auc(predict: Predict, testRows: Uint32Array, positive = new Float64Array()): number {
  const scores = predict(positive);
  const { value } = rocArea({ scores, groups: at(positive, testRows), order: descendingOrder(scores) });
  // A half may contain only one class.
  return Number.isNaN(value) ? 0.5 : value;
}

function skill(
  predict: Predict,
  testRows: Uint32Array,
  codes: Int32Array,
  isOf: ReadonlyMap<number, Float64Array>,
): number {
  const shares = [...isOf].map(([code, target]) => ({ code, share: predict(target) }));
  let right = 0;
  const counts = new Map<number, number>();
  for (const [index, row] of testRows.entries()) {
    const truth = codes[row] as number;
    counts.set(truth, (counts.get(truth) ?? 0) + 1);
    const best = shares.reduce((top, one) => ((one.share[index] as number) > (top.share[index] as number) ? one : top));
    if (best.code === truth) right++;
  }
  const most = Math.max(...counts.values());
  return most === testRows.length ? 0 : (right - most) / (testRows.length - most);
}

function r2(predicted: Float64Array, truth: Float64Array): number {
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  let [errors, total] = [0, 0];
  for (const [row, value] of truth.entries()) {
    errors += (value - (predicted[row] as number)) ** 2;
    total += (value - mean) ** 2;
  }
  return total > 0 ? 1 - errors / total : 0;
}
