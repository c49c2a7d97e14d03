import type { DuckDBConnection, DuckDBDataChunk, DuckDBVector } from "@duckdb/node-api";
import type { Field } from "../field.ts";
import { type ArrayType, arrayOf, isFloatType } from "../number-array.ts";
import type { Column, NumberArray } from "../table.ts";
import { overflowOf, type RangedField } from "./column-types.ts";

/** A column that is asked of DuckDB. */
export interface AskedColumn {
  readonly field: RangedField;
  /** Gives what the field's type is called in DuckDB, and a DOUBLE for each float. Datetimes come as BIGINT. */
  readonly sql: string;
}

export interface ReadColumn {
  readonly field: Field;
  readonly column: Column;
  /** First row without a value, or with one that its type cannot hold; -1 if there is none. */
  readonly firstDoubt: number;
}

/** Reads the columns of a query, row after row. Columns of one type and block share one row-major array: that is what a tensor of them is. */
export async function readColumns(
  connection: DuckDBConnection,
  asked: readonly AskedColumn[],
  source: string,
): Promise<{ readonly columns: readonly ReadColumn[]; readonly rows: number }> {
  const memory = new Memory(asked.map(({ field }) => field));
  const result = await connection.stream(`SELECT ${asked.map(({ sql }) => sql).join(", ")} FROM ${source}`);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
    memory.add(chunk);
  return memory.finish();
}

/** Columns of one type and block, in their order. */
class Group {
  readonly type: ArrayType;
  readonly width: number;
  data: NumberArray;

  constructor(type: ArrayType, width: number) {
    this.type = type;
    this.width = width;
    this.data = new (arrayOf(type))(width * FIRST_ROWS);
  }
}

const FIRST_ROWS = 2048;
/** What the package's DuckDBDoubleVector is made of: its getItem for each cell takes three times as long. */
interface DoubleVector {
  readonly items: Float64Array;
  /** `data` has a bit for each item, 1 where it is valid; null where all are. */
  readonly validity: { readonly data: BigUint64Array | null; itemValid(index: number): boolean };
}

const ALL_VALID = 2n ** 64n - 1n;

type Items = ArrayLike<number | bigint>;

class Memory {
  readonly #readers: readonly {
    add(vector: DuckDBVector, rows: number, start: number): void;
    finish(rows: number): ReadColumn;
  }[];
  readonly #groups: readonly Group[];
  #rows = 0;
  #room = FIRST_ROWS;

  constructor(fields: readonly RangedField[]) {
    const keyOf = ({ type, block }: RangedField) => `${type} ${block ?? ""}`;
    const groups = new Map<string, Group>();
    for (const [key, { length, 0: first }] of Map.groupBy(fields, keyOf))
      if (first && first.type !== "string") groups.set(key, new Group(first.type, length));
    this.#groups = [...groups.values()];
    const offsets = new Map<Group, number>();
    this.#readers = fields.map((field) => {
      const group = groups.get(keyOf(field));
      if (!group) return new Texts(field);
      const offset = offsets.get(group) ?? 0;
      offsets.set(group, offset + 1);
      return new Numbers(field, group, offset);
    });
  }

  add(chunk: DuckDBDataChunk): void {
    const { rowCount } = chunk;
    if (this.#rows + rowCount > this.#room) this.#grow(Math.max(this.#room * 2, this.#rows + rowCount));
    for (const [index, reader] of this.#readers.entries())
      reader.add(chunk.getColumnVector(index), rowCount, this.#rows);
    this.#rows += rowCount;
  }

  #grow(room: number): void {
    for (const group of this.#groups) {
      const larger = new (arrayOf(group.type))(room * group.width);
      larger.set(group.data as never);
      group.data = larger;
    }
    this.#room = room;
  }

  finish() {
    const rows = this.#rows;
    for (const group of this.#groups) group.data = group.data.subarray(0, rows * group.width) as NumberArray;
    return { rows, columns: this.#readers.map((reader) => reader.finish(rows)) };
  }
}

class Numbers {
  readonly #field: RangedField;
  readonly #group: Group;
  readonly #offset: number;
  readonly #gaps: number[] = [];
  #firstDoubt = -1;

  constructor(field: RangedField, group: Group, offset: number) {
    this.#field = field;
    this.#group = group;
    this.#offset = offset;
  }

  add(vector: DuckDBVector, rows: number, start: number): void {
    if (isFloatType(this.#field.type)) this.#addFloats(vector as unknown as DoubleVector, rows, start);
    else this.#addOthers(vector, rows, start);
  }

  #addFloats({ items, validity }: DoubleVector, rows: number, start: number): void {
    const { data, width, type } = this.#group;
    const values = data as Float64Array;
    const limit = overflowOf(this.#field);
    const isWhole = validity.data === null || validity.data.every((word) => word === ALL_VALID);
    let at = start * width + this.#offset;
    for (let row = 0; row < rows; row++, at += width) {
      const value = isWhole || validity.itemValid(row) ? (items[row] as number) : Number.NaN;
      values[at] = type === "float16" ? float16Bits(value) : value;
      if (!(value < limit && value > -limit)) this.#gap(start + row);
    }
  }

  #addOthers(vector: DuckDBVector, rows: number, start: number): void {
    const { width } = this.#group;
    const data = this.#group.data as Int32Array;
    const { items } = vector as DuckDBVector & { items?: Items };
    for (let row = 0; row < rows; row++) {
      const value = items && vector.getItem(row) !== null ? items[row] : vector.getItem(row);
      if (value === null || value === undefined) this.#gap(start + row);
      else data[(start + row) * width + this.#offset] = (typeof value === "boolean" ? Number(value) : value) as number;
    }
  }

  #gap(row: number): void {
    if (this.#firstDoubt < 0) this.#firstDoubt = row;
    this.#gaps.push(row);
  }

  finish(rows: number): ReadColumn {
    const { data, width } = this.#group;
    const column = { kind: "number", data, offset: this.#offset, stride: width } as const;
    if (this.#gaps.length === 0) return { field: this.#field, column, firstDoubt: -1 };
    const missing = new Uint8Array(rows);
    for (const row of this.#gaps) missing[row] = 1;
    return { field: this.#field, column: { ...column, missing }, firstDoubt: this.#firstDoubt };
  }
}

class Texts {
  readonly #field: Field;
  readonly #codes = new Map<string, number>();
  #data = new Int32Array(FIRST_ROWS);
  #firstDoubt = -1;

  constructor(field: Field) {
    this.#field = field;
  }

  add(vector: DuckDBVector, rows: number, start: number): void {
    if (start + rows > this.#data.length) {
      const larger = new Int32Array(Math.max(this.#data.length * 2, start + rows));
      larger.set(this.#data);
      this.#data = larger;
    }
    for (let row = 0; row < rows; row++) {
      const text = vector.getItem(row) as string | null;
      if (text === null && this.#firstDoubt < 0) this.#firstDoubt = start + row;
      this.#data[start + row] = text === null ? -1 : this.#codeOf(text);
    }
  }

  #codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.#codes.size);
    return this.#codes.size - 1;
  }

  finish(rows: number): ReadColumn {
    const column = { kind: "text", codes: this.#data.subarray(0, rows), dictionary: [...this.#codes.keys()] } as const;
    return { field: this.#field, column, firstDoubt: this.#firstDoubt };
  }
}

const scratch = new DataView(new ArrayBuffer(2));
function float16Bits(value: number): number {
  scratch.setFloat16(0, value);
  return scratch.getUint16(0);
}
