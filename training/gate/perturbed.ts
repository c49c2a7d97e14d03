import { numbersOf, readable } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import { arrayOf, isFloatType, rangeOf } from "../../data/number-array.ts";
import { type Column, type NumberArray, type NumberColumn, sliceRows, type Table } from "../../data/table.ts";
import { type Random, seededRandom } from "./statistics/random.ts";

export interface Perturbation {
  readonly kind: "noise" | "missing";
  /** Standard deviations of noise, or share of cells that get what stands most for their column. */
  readonly amount: number;
  readonly seed: number;
}

/** Rows of a table with their cells changed at random: to be asked for from the first row on, each once. */
export function perturbed(table: Table, { kind, amount, seed }: Perturbation): (start: number, rows: number) => Table {
  const random = seededRandom(seed);
  const usual = table.fields.map((field, place) => usualOf(field, table.columns[place] as Column, table.rows));
  return (start, rows) => {
    const part = sliceRows(table, start, rows);
    const columns = part.columns.map((column, place) => copyOf(part.fields[place] as Field, column, rows));
    // Row by row: a column more or less then changes the cells of the others, and a batch more or less does not.
    for (let row = 0; row < rows; row++)
      for (const [place, column] of columns.entries()) {
        const [field, value] = [part.fields[place] as Field, usual[place] as Usual];
        if (kind === "noise") addNoise(random, amount, field, column, row, value);
        else if (random.uniform() < amount) setUsual(field, column, row, value);
      }
    return { fields: part.fields, columns, rows };
  };
}

/** Of numbers the mean and the standard deviation, of texts and booleans the most frequent one. */
type Usual = { readonly mean: number; readonly deviation: number } | { readonly code: number } | undefined;

function usualOf(field: Field, column: Column, rows: number): Usual {
  if (field.shape) return undefined;
  if (column.kind === "text") return { code: mostFrequent(column.codes) };
  const known = numbersOf(field, column, rows).filter((value) => !Number.isNaN(value));
  if (field.type === "boolean") return { code: mostFrequent(known) };
  let mean = 0;
  for (const value of known) mean += value / known.length;
  let squares = 0;
  for (const value of known) squares += (value - mean) ** 2 / known.length;
  return { mean, deviation: Math.sqrt(squares) };
}

function mostFrequent(codes: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] as number;
    if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0])[0];
}

function copyOf(field: Field, column: Column, rows: number): Column {
  if (column.kind === "text") return { ...column, codes: column.codes.slice() };
  const size = valuesPerRow(field);
  const data = new (arrayOf(field.type === "string" ? "float64" : field.type))(rows * size);
  const from = column.data.constructor === data.constructor ? column.data : readable(field, column.data);
  const to = readable(field, data) as NumberArray;
  for (let row = 0; row < rows; row++)
    for (let index = 0; index < size; index++)
      to[row * size + index] = from[column.offset + row * column.stride + index] as never;
  return { ...column, data, offset: 0, stride: size, ...(column.missing && { missing: column.missing.slice() }) };
}

function addNoise(random: Random, amount: number, field: Field, column: Column, row: number, usual: Usual): void {
  if (!usual || !("mean" in usual) || column.kind === "text" || field.type === "datetime") return;
  const noise = amount * usual.deviation * random.normal();
  if (column.missing?.[row] !== 1) setNumber(field, column, row, Number(readable(field, column.data)[row]) + noise);
}

function setUsual(field: Field, column: Column, row: number, usual: Usual): void {
  if (!usual) return;
  if (column.kind === "text") {
    if ("code" in usual) column.codes[row] = usual.code;
    return;
  }
  if (column.missing) column.missing[row] = 0;
  setNumber(field, column, row, "code" in usual ? usual.code : usual.mean);
}

/** Whole numbers stay whole, and in the range of their type. */
function setNumber(field: Field, { data }: NumberColumn, row: number, value: number): void {
  if (isFloatType(field.type) || field.type === "boolean") {
    (readable(field, data) as Float64Array)[row] = value;
    return;
  }
  const range = rangeOf(field.type === "datetime" ? "int64" : field.type);
  const whole = Math.round(Math.min(Number(range?.[1] ?? value), Math.max(Number(range?.[0] ?? value), value)));
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) data[row] = whole;
  else {
    const big = BigInt(whole);
    data[row] = range && big > range[1] ? range[1] : big;
  }
}
