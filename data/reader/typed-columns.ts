import type { DuckDBConnection } from "@duckdb/node-api";
import type { Field } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import type { Column, NumberColumn, TextColumn } from "../table.ts";
import { DECIMAL } from "./class-map.ts";
import { described, overflowOf, type RangedField } from "./column-types.ts";
import { type ReadColumn, readColumns } from "./read-columns.ts";

/** A column of a file. */
export interface SourceColumn {
  readonly field: RangedField;
  /** Its values; see AskedColumn. */
  readonly sql: string;
  /** The same as texts, for a column that has something that is no value of the field. */
  readonly text: string;
}

/** Rows of a file, as DuckDB reads them. */
export interface Source {
  /** What stands behind FROM. */
  readonly from: string;
  readonly columns: readonly SourceColumn[];
  readonly decimal: string;
}

/** What is wrong with a cell. */
export interface Fault {
  readonly name: string;
  /** From 0. */
  readonly row: number;
  readonly reason: string;
}

export const emptyAt = (name: string, row: number): Fault => ({ name, row, reason: `column ${name} is empty` });

export interface TypedColumn {
  readonly field: Field;
  /** Texts where not every cell is a value of the field's type. */
  readonly column: Column;
  /** The first cell that is no value of the field; the first empty one where the field is not nullable. */
  readonly fault?: Fault;
}

/** Reads columns as what their fields ask for. Nothing is refused here: a column says what is wrong with it. */
export async function typedColumns(
  connection: DuckDBConnection,
  { from, columns, decimal }: Source,
): Promise<{ readonly columns: readonly TypedColumn[]; readonly rows: number }> {
  const asked = columns.map(({ field, sql }) => ({ field, sql }));
  const { columns: read, rows } = await readColumns(connection, asked, from);
  const doubtful = columns.filter(
    ({ field }, index) => field.type !== "string" && (read[index]?.firstDoubt ?? -1) >= 0,
  );
  const texts = new Map<Field, TextColumn>();
  if (doubtful.length > 0) {
    const again = doubtful.map(({ field, text }) => ({ field: { ...field, type: "string" } as const, sql: text }));
    const found = await readColumns(connection, again, from);
    for (const [index, { column }] of found.columns.entries())
      texts.set(doubtful[index]?.field as Field, column as TextColumn);
  }
  return { rows, columns: read.map((column) => settle(column, texts.get(column.field), decimal)) };
}

function settle(
  { field, column, firstDoubt }: ReadColumn,
  texts: TextColumn | undefined,
  decimal: string,
): TypedColumn {
  const { name, nullable } = field;
  if (firstDoubt < 0) return { field, column };
  if (column.kind === "text") return { field, column, ...(!nullable && { fault: emptyAt(name, firstDoubt) }) };
  if (!texts) return { field, column };
  const { missing = new Uint8Array(), data, offset, stride } = column;
  // Each text is looked at once.
  const meanings = texts.dictionary.map((text) => meaningOf(text, field, decimal));
  let firstEmpty = -1;
  let left = 0;
  for (let row = firstDoubt; row < missing.length; row++) {
    if (missing[row] === 0) continue;
    const code = texts.codes[row] as number;
    const meaning = code < 0 ? EMPTY : (meanings[code] as Meaning);
    if (meaning === UNFIT) {
      const reason = unfit(field, texts.dictionary[code] as string, decimal);
      return { field, column: texts, fault: { name, row, reason } };
    }
    if (meaning === EMPTY) {
      left++;
      if (firstEmpty < 0) firstEmpty = row;
    } else {
      // A number that is written in a way that DuckDB does not know.
      (data as Float64Array)[offset + row * stride] = meaning;
      missing[row] = 0;
    }
  }
  if (left === 0) return { field, column: withoutMask(column) };
  return { field, column, ...(!nullable && { fault: emptyAt(name, firstEmpty) }) };
}

const withoutMask = ({ kind, data, offset, stride }: NumberColumn): NumberColumn => ({ kind, data, offset, stride });

const EMPTY = "empty";
const UNFIT = "unfit";
type Meaning = number | typeof EMPTY | typeof UNFIT;

function meaningOf(text: string, field: RangedField, decimal: string): Meaning {
  const { type, nullable } = field;
  const cell = text.trim();
  if (cell === "") return EMPTY;
  if (!isFloatType(type) || type === "float16") return UNFIT;
  // What pandas and NumPy call a missing number.
  if (nullable && /^nan$/i.test(cell)) return EMPTY;
  const value = numberOf(cell, decimal);
  return Math.abs(value) < overflowOf(field) ? value : UNFIT;
}

function numberOf(cell: string, decimal: string): number {
  const plain = decimal === "," ? (cell.includes(".") ? "" : cell.replace(",", ".")) : cell;
  return DECIMAL.test(plain) ? Number(plain) : Number.NaN;
}

function unfit(field: RangedField, text: string, decimal: string): string {
  const { name, type, range = type } = field;
  const isBeyond = isFloatType(type) && !Number.isNaN(numberOf(text.trim(), decimal));
  return isBeyond
    ? `column ${name}: ${text} is beyond the range of ${range}`
    : `column ${name} must be ${described(field)}, got ${JSON.stringify(text)}`;
}
