import { DECIMAL, isMissingCell, readCell } from "../cells.ts";
import { type Field, type FieldType, isShaped } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import type { Column, NumberArray, NumberColumn, TextColumn } from "../table.ts";
import { float16Bits, type ReadColumn } from "./column-builders.ts";
import { described, hasNul, nulIn, overflowOf, type RangedField } from "./column-types.ts";
import type { Session } from "./duckdb.ts";
import type { QueryColumn } from "./read-columns.ts";
import { ColumnReader } from "./read-columns.ts";

/** A column of a file. */
export interface SourceColumn extends QueryColumn {
  /** Whether `sql` returns text, regardless of the field. */
  readonly asText?: boolean;
  /** SQL of the same values as text, for a column with cells that are not valid values of the field. */
  readonly text: string;
}

/** Rows of a file as a DuckDB source. */
export interface Source {
  /** FROM clause. */
  readonly from: string;
  /** FROM clause for `text`, if it differs from `from`. */
  readonly textFrom?: string;
  readonly columns: readonly SourceColumn[];
  readonly decimal: string;
  /** Whether the cells are typed values rather than text. NaN is then a missing value, as in pandas. */
  readonly isTyped?: boolean;
  /** Estimated number of rows. */
  readonly likelyRows?: number | undefined;
}

/** An invalid cell. */
export interface Fault {
  readonly name: string;
  /** From 0. */
  readonly row: number;
  readonly reason: string;
}

export const emptyAt = (name: string, row: number): Fault => ({ name, row, reason: `column ${name} is empty` });

export interface TypedColumn {
  readonly field: Field;
  /** A text column if any cell is not a valid value of the field's type. */
  readonly column: Column;
  /** The first cell that is not a valid value of the field, or is empty although the field is not nullable. */
  readonly fault?: Fault;
}

/** Some rows of a file, by column. */
export interface TypedBatch {
  readonly columns: readonly TypedColumn[];
  readonly rows: number;
}

/** Rows to read. */
export interface RowRange {
  /** Rows to skip at the start. */
  readonly skip: number;
  /** Rows per batch; the last may have fewer. */
  readonly most: number;
}

/**
 * Reads columns in the types of their fields, in batches. Does not reject anything: each column carries its fault, whose row counts from the start of
 * the batch.
 */
export async function* typedBatches(
  session: Session,
  source: Source,
  { skip, most }: RowRange,
): AsyncGenerator<TypedBatch> {
  const asked = source.columns.map((column) =>
    column.asText ? { ...column, field: { ...column.field, type: "string" } as const } : column,
  );
  const reader = await ColumnReader.open(session, asked, source.from);
  const texts = new TextLookup(session, source);
  try {
    await reader.skip(skip);
    for (let start = skip; ; start += most) {
      const { columns, rows } = await reader.take(most, source.likelyRows);
      if (rows === 0) return;
      const doubtful = source.columns.filter(
        ({ field, asText }, index) =>
          field.type !== "string" && !isShaped(field) && !asText && (columns[index]?.firstDoubt ?? -1) >= 0,
      );
      const found = await texts.of(doubtful, start, rows);
      const typed = columns.map((column, index) => {
        const { field, asText } = source.columns[index] as SourceColumn;
        return asText
          ? fromTexts(field, column.column as TextColumn, source)
          : settle(column, found.get(field.name), source);
      });
      yield { rows, columns: typed };
      if (rows < most) return;
    }
  } finally {
    await reader.close();
    await texts.close();
  }
}

/** Reads columns again as text if they have cells that are not valid values of their field. */
class TextLookup {
  readonly #session: Session;
  readonly #source: Source;
  #reader: ColumnReader | undefined;
  #columns: readonly SourceColumn[] = [];
  #row = 0;

  constructor(session: Session, source: Source) {
    this.#session = session;
    this.#source = source;
  }

  /** Returns some rows as text, by column name. @param start not before the end of the previous call's rows */
  async of(columns: readonly SourceColumn[], start: number, rows: number): Promise<ReadonlyMap<string, TextColumn>> {
    if (columns.length === 0) return new Map();
    const reader = await this.#open(columns);
    await reader.skip(start - this.#row);
    const batch = await reader.take(rows);
    this.#row = start + rows;
    return new Map(batch.columns.map(({ field, column }) => [field.name, column as TextColumn]));
  }

  async #open(columns: readonly SourceColumn[]): Promise<ColumnReader> {
    if (this.#reader && columns.every((column) => this.#columns.includes(column))) return this.#reader;
    // Once a second column needs it, all columns are read as text, so that the file is restarted only once.
    this.#columns = this.#reader ? this.#source.columns.filter(({ field }) => !isShaped(field)) : columns;
    await this.close();
    const asked = this.#columns.map(({ field, text }) => ({ field: { ...field, type: "string" } as const, sql: text }));
    this.#row = 0;
    this.#reader = await ColumnReader.open(this.#session, asked, this.#source.textFrom ?? this.#source.from);
    return this.#reader;
  }

  async close(): Promise<void> {
    await this.#reader?.close();
  }
}

/** Notation of the cells' text. */
type Notation = Pick<Source, "decimal" | "isTyped">;

function settle(
  { field, column, firstDoubt, fault }: ReadColumn,
  texts: TextColumn | undefined,
  notation: Notation,
): TypedColumn {
  const { name, nullable } = field;
  if (fault) return { field, column, fault };
  if (column.kind === "text") return withTextFault(field, column, firstDoubt);
  if (firstDoubt < 0) return { field, column };
  if (!texts) return { field, column };
  const { missing = new Uint8Array(), data, offset, stride } = column;
  // Parses each distinct string once.
  const meanings = texts.dictionary.map((text) => meaningOf(text, field, notation));
  let firstEmpty = -1;
  let left = 0;
  for (let row = firstDoubt; row < missing.length; row++) {
    if (missing[row] === 0) continue;
    const code = texts.codes[row] as number;
    const meaning = code < 0 ? EMPTY : (meanings[code] as Meaning);
    if (meaning === UNFIT) {
      const reason = unfit(field, texts.dictionary[code] as string, notation.decimal);
      return { field, column: texts, fault: { name, row, reason } };
    }
    if (meaning === EMPTY) {
      left++;
      if (firstEmpty < 0) firstEmpty = row;
    } else {
      // The cell is valid, in a notation that DuckDB does not parse.
      put(data, offset + row * stride, meaning, field);
      missing[row] = 0;
    }
  }
  if (left === 0) return { field, column: withoutMask(column) };
  return { field, column, ...(!nullable && { fault: emptyAt(name, firstEmpty) }) };
}

function withTextFault(field: RangedField, column: TextColumn, firstDoubt: number): TypedColumn {
  const { name, nullable } = field;
  const nul = nulFault(name, column);
  const empty = firstDoubt >= 0 && !nullable ? emptyAt(name, firstDoubt) : undefined;
  const first = nul && empty ? (nul.row < empty.row ? nul : empty) : (nul ?? empty);
  return { field, column, ...(first && { fault: first }) };
}

/** Finds the first string with NUL. The runtime truncates strings there: it would read "a\0b" as "a". */
export function nulFault(name: string, { codes, dictionary }: TextColumn): Fault | undefined {
  if (!dictionary.some(hasNul)) return undefined;
  const row = codes.findIndex((code) => hasNul(dictionary[code] ?? ""));
  return row < 0 ? undefined : { name, row, reason: `column ${name}${nulIn(dictionary[codes[row] as number] ?? "")}` };
}

/** Converts strings to a column of numbers, if all of them are numbers. */
function fromTexts(field: RangedField, texts: TextColumn, notation: Notation): TypedColumn {
  const rows = texts.codes.length;
  const data = new Float64Array(rows).fill(Number.NaN);
  const missing = new Uint8Array(rows).fill(1);
  const column = { kind: "number", data, offset: 0, stride: 1, missing } as const;
  return settle({ field, column, firstDoubt: 0 }, texts, notation);
}

const withoutMask = ({ kind, data, offset, stride }: NumberColumn): NumberColumn => ({ kind, data, offset, stride });

const EMPTY = "empty";
const UNFIT = "unfit";
type Meaning = number | bigint | boolean | typeof EMPTY | typeof UNFIT;

function put(data: NumberArray, at: number, meaning: number | bigint | boolean, { type }: RangedField): void {
  const isHalf = type === "float16";
  if (typeof meaning === "bigint") (data as BigInt64Array)[at] = meaning;
  else (data as Float64Array)[at] = isHalf ? float16Bits(Number(meaning)) : Number(meaning);
}

function meaningOf(text: string, field: RangedField, { decimal, isTyped = false }: Notation): Meaning {
  const { type, nullable } = field;
  const cell = text.trim();
  if (cell === "" || ((nullable || isTyped) && isMissingCell(cell))) return EMPTY;
  const value = type === "string" ? undefined : readCell(type, withPoint(cell, type, decimal));
  if (value === undefined) return UNFIT;
  return typeof value !== "number" || Math.abs(value) < overflowOf(field) ? value : UNFIT;
}

/** Replaces a decimal comma. A point then separates thousands, so 1.234 is not a fraction and the cell is invalid. */
function withPoint(cell: string, type: FieldType, decimal: string): string {
  if (decimal !== "," || type === "datetime") return cell;
  return cell.includes(".") ? "" : cell.replace(",", ".");
}

function unfit(field: RangedField, text: string, decimal: string): string {
  const { name, type, range = type } = field;
  const isBeyond = isFloatType(type) && DECIMAL.test(withPoint(text.trim(), type, decimal));
  return isBeyond
    ? `column ${name}: ${text} is beyond the range of ${range}`
    : `column ${name} must be ${described(field)}, got ${JSON.stringify(text)}${hintOf(field, text.trim(), decimal)}`;
}

/** Suggests what the cell probably means. */
function hintOf({ type }: RangedField, cell: string, decimal: string): string {
  if (type === "datetime" && /\d:\d{2}.*\p{L}{2}/u.test(cell))
    return ": time zone names are not supported. Write the offset, such as +01:00";
  if (isFloatType(type) && decimal === "." && /^[+-]?\d+,\d+$/.test(cell))
    return `. If the file has decimal commas, set data.csv.decimal to ","${/^[+-]?[1-9]\d{0,2},\d{3}$/.test(cell) ? "; if the commas separate thousands, remove them" : ""}`;
  if (type !== "datetime" && /^[+-]?\d{1,3}(?:[,.' _]\d{3})+(?:[.,]\d+)?$/.test(cell))
    return ". Write numbers without thousands separators";
  return isMissingCell(cell) ? ". If it means a missing value, list it in data.missing" : "";
}
