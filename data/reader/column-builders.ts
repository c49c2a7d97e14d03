import type { Field } from "../field.ts";
import { type ArrayType, arrayOf, isFloatType } from "../number-array.ts";
import type { Column, NumberArray } from "../table.ts";
import { overflowOf, type RangedField } from "./column-types.ts";
import type { ChunkColumn } from "./duckdb-rows.ts";
import { TextCodes } from "./text-codes.ts";
import type { Fault } from "./typed-columns.ts";

export interface ReadColumn {
  readonly field: RangedField;
  readonly column: Column;
  /** First row without a value, or with a value outside the range of its type; -1 if there is none. */
  readonly firstDoubt: number;
  /** First fault, if it is known without reading the file again. Rows count from the start of the column. */
  readonly fault?: Fault | undefined;
}

/** Builds a column of a query, chunk by chunk. */
export interface ColumnBuilder {
  /** Adds rows `from` to `to` of a chunk, as rows from `at` on. */
  add(column: ChunkColumn, from: number, to: number, at: number): void;
  finish(rows: number): ReadColumn;
}

/** The row-major array that columns of one type and block share, in their order. */
export class Group {
  readonly type: ArrayType;
  /** Values per row. */
  readonly width: number;
  data: NumberArray;

  constructor(type: ArrayType, width: number, rows: number) {
    this.type = type;
    this.width = width;
    this.data = new (arrayOf(type))(width * rows);
  }

  /** Ensures capacity for this many rows. */
  grow(rows: number): void {
    if (rows * this.width <= this.data.length) return;
    const larger = new (arrayOf(this.type))(rows * this.width);
    larger.set(this.data as never);
    this.data = larger;
  }
}

/** Returns the array type in which DuckDB returns values of a type: all floats are returned as doubles. */
const storedArray = (type: ArrayType) => (isFloatType(type) ? Float64Array : arrayOf(type));

export class NumberBuilder implements ColumnBuilder {
  readonly #field: RangedField;
  readonly #group: Group;
  readonly #offset: number;
  readonly #gaps: number[] = [];

  constructor(field: RangedField, group: Group, offset: number) {
    this.#field = field;
    this.#group = group;
    this.#offset = offset;
  }

  add(column: ChunkColumn, from: number, to: number, at: number): void {
    const { type } = this.#group;
    if (isFloatType(type)) this.#addFloats(column, from, to, at);
    else this.#addOthers(column, from, to, at);
  }

  #addFloats(column: ChunkColumn, from: number, to: number, at: number): void {
    const { data, width, type } = this.#group;
    const found = column.values(Float64Array);
    const values = data as Float64Array;
    const limit = overflowOf(this.#field);
    const isHalf = type === "float16";
    const isWhole = column.valid === undefined;
    let position = at * width + this.#offset;
    for (let row = from; row < to; row++, position += width) {
      const value = isWhole || column.has(row) ? (found[row] as number) : Number.NaN;
      values[position] = isHalf ? float16Bits(value) : value;
      if (!(value < limit && value > -limit)) this.#gaps.push(at + row - from);
    }
  }

  #addOthers(column: ChunkColumn, from: number, to: number, at: number): void {
    const { data, width, type } = this.#group;
    const values = data as Int32Array;
    const found = column.values(storedArray(type) as typeof Int32Array);
    let position = at * width + this.#offset;
    for (let row = from; row < to; row++, position += width) {
      if (column.has(row)) values[position] = found[row] as number;
      else this.#gaps.push(at + row - from);
    }
  }

  finish(rows: number): ReadColumn {
    const { data, width } = this.#group;
    const column = { kind: "number", data, offset: this.#offset, stride: width } as const;
    const [firstDoubt = -1] = this.#gaps;
    if (firstDoubt < 0) return { field: this.#field, column, firstDoubt };
    const missing = new Uint8Array(rows);
    for (const row of this.#gaps) missing[row] = 1;
    return { field: this.#field, column: { ...column, missing }, firstDoubt };
  }
}

export class TextBuilder implements ColumnBuilder {
  readonly #field: Field;
  readonly #texts = new TextCodes();
  #codes: Int32Array<ArrayBuffer>;
  #firstDoubt = -1;

  constructor(field: Field, rows: number) {
    this.#field = field;
    this.#codes = new Int32Array(rows);
  }

  add(column: ChunkColumn, from: number, to: number, at: number): void {
    const rows = at + to - from;
    if (rows > this.#codes.length) {
      const larger = new Int32Array(Math.max(this.#codes.length * 2, rows));
      larger.set(this.#codes);
      this.#codes = larger;
    }
    const gap = this.#texts.add(column, from, to, this.#codes, at);
    if (gap >= 0 && this.#firstDoubt < 0) this.#firstDoubt = at + gap - from;
  }

  finish(rows: number): ReadColumn {
    const { dictionary } = this.#texts;
    const column = { kind: "text", codes: this.#codes.subarray(0, rows), dictionary } as const;
    return { field: this.#field, column, firstDoubt: this.#firstDoubt };
  }
}

const scratch = new DataView(new ArrayBuffer(2));
export function float16Bits(value: number): number {
  scratch.setFloat16(0, value);
  return scratch.getUint16(0);
}
