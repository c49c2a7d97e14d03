import { copyColumn, numbersOf, readable } from "../../data/column-values.ts";
import { type Field, isShaped } from "../../data/field.ts";
import { isFloatType, rangeOf } from "../../data/number-array.ts";
import { type Column, type NumberColumn, sliceRows, type Table } from "../../data/table.ts";
import { type ChangedCategories, changedCategories } from "./changed-categories.ts";
import { type Random, seededRandom } from "./statistics/random.ts";

export interface Perturbation {
  /**
   * - `noise`: added to numbers; `missing`: cells get their column's usual value; `nulls`: nullable cells become missing
   * - `unseen`: texts that no row has; `swapped`: texts and booleans swap within their column
   */
  readonly kind: "noise" | "missing" | ChangedCategories;
  /** Standard deviations of noise, or share of cells. */
  readonly amount: number;
  readonly seed: number;
}

const isNumber = ({ type }: Field) => isFloatType(type) || rangeOf(type) !== undefined;
const CHANGEABLE: Readonly<Record<Perturbation["kind"], readonly [(field: Field) => boolean, string]>> = {
  noise: [isNumber, "no scalar column of numbers"],
  missing: [() => true, "no scalar column"],
  unseen: [({ type }) => type === "string", "no scalar column of texts"],
  swapped: [({ type }) => type === "string" || type === "boolean", "no scalar column of texts or booleans"],
  nulls: [
    ({ nullable }) => nullable,
    "no nullable column: its signature has required: false for none, so it rejects missing values",
  ],
};

/** Why a perturbation would not change any cell. */
export function cannotPerturb({ fields }: Pick<Table, "fields">, kind: Perturbation["kind"]): string | undefined {
  const [isChangeable, why] = CHANGEABLE[kind];
  return fields.some((field) => !isShaped(field) && isChangeable(field)) ? undefined : `the model takes ${why}`;
}

/** Returns rows of a table with random changes. Request them in order, each once. */
export function perturbed(table: Table, { kind, amount, seed }: Perturbation): (start: number, rows: number) => Table {
  const random = seededRandom(seed);
  if (kind !== "noise" && kind !== "missing") {
    const changed = changedCategories(table, { kind, share: amount, random });
    return (start, rows) => sliceRows(changed, start, rows);
  }
  const usual = table.fields.map((field, index) => usualOf(field, table.columns[index] as Column, table.rows));
  const isChanged = (index: number) => {
    const one = usual[index];
    return one !== undefined && (kind === "missing" || ("mean" in one && table.fields[index]?.type !== "datetime"));
  };
  return (start, rows) => {
    const part = sliceRows(table, start, rows);
    const columns = part.columns.map((column, index) =>
      isChanged(index) ? copyColumn(part.fields[index] as Field, column, rows) : column,
    );
    // Row by row, so that batch sizes do not affect the random numbers, even though the number of columns does.
    for (let row = 0; row < rows; row++)
      for (const [index, column] of columns.entries()) {
        const [field, value] = [part.fields[index] as Field, usual[index]];
        if (kind === "noise") {
          if (isChanged(index)) addNoise(random, amount, field, column, row, value);
        } else if (random.uniform() < amount && value) setUsual(field, column, row, value);
      }
    return { fields: part.fields, columns, rows };
  };
}

/** Mean and standard deviation of numbers, or the most frequent text or boolean. */
type Usual = { readonly mean: number; readonly deviation: number } | { readonly code: number };

/** Undefined for tensors, and for columns without any value. */
function usualOf(field: Field, column: Column, rows: number): Usual | undefined {
  if (isShaped(field)) return undefined;
  if (column.kind === "text") return mostFrequent(column.codes);
  const present = numbersOf(field, column, rows).filter((value) => !Number.isNaN(value));
  if (field.type === "boolean") return mostFrequent(present);
  if (present.length === 0) return undefined;
  let mean = 0;
  for (const value of present) mean += value / present.length;
  let squares = 0;
  for (const value of present) squares += (value - mean) ** 2 / present.length;
  return { mean, deviation: Math.sqrt(squares) };
}

function mostFrequent(codes: ArrayLike<number>): Usual | undefined {
  const counts = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  return { code: [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0] };
}

function addNoise(
  random: Random,
  amount: number,
  field: Field,
  column: Column,
  row: number,
  usual: Usual | undefined,
): void {
  if (!usual || !("mean" in usual) || column.kind === "text") return;
  const noise = amount * usual.deviation * random.normal();
  if (column.missing?.[row] === 1) return;
  const { data } = column;
  // Beyond 2^53, adding doubles would change integers even without noise.
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    data[row] = inRange(field, (data[row] as bigint) + BigInt(Math.round(noise)));
  else setNumber(field, column, row, Number(readable(field, data)[row]) + noise);
}

function setUsual(field: Field, column: Column, row: number, usual: Usual): void {
  if (column.kind === "text") {
    if ("code" in usual) column.codes[row] = usual.code;
    return;
  }
  if (column.missing) column.missing[row] = 0;
  setNumber(field, column, row, "code" in usual ? usual.code : usual.mean);
}

const LARGEST: Readonly<Record<string, number>> = { float16: 65_504, float32: 2 ** 128 - 2 ** 104 };

/** Integers stay integers, and every number stays in its type's range. */
function setNumber(field: Field, { data }: NumberColumn, row: number, value: number): void {
  const { type } = field;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    data[row] = inRange(field, BigInt(Math.round(value)));
    return;
  }
  if (isFloatType(type) || type === "boolean") {
    const largest = LARGEST[type] ?? Number.MAX_VALUE;
    (readable(field, data) as Float64Array)[row] = Math.min(largest, Math.max(-largest, value));
    return;
  }
  const [least, most] = rangeOf(type) ?? [value, value];
  data[row] = Math.min(Number(most), Math.max(Number(least), Math.round(value)));
}

function inRange({ type }: Field, value: bigint): bigint {
  const [least, most] = rangeOf(type === "datetime" ? "int64" : type) ?? [value, value];
  return value < least ? least : value > most ? most : value;
}
