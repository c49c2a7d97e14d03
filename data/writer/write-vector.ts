import type { LogicalType, Vector } from "@duckdb/node-bindings";
import { readable } from "../column-values.ts";
import { type Field, type FieldType, isShaped, valuesPerRow } from "../field.ts";
import type { DuckDbFunctions } from "../reader/duckdb.ts";
import type { Column, NumberArray, NumberColumn, Table, TextColumn } from "../table.ts";

/** The database's type and array class for each field type. Float16 is written as float32. */
const TYPES = {
  float16: ["FLOAT", Float32Array],
  float32: ["FLOAT", Float32Array],
  float64: ["DOUBLE", Float64Array],
  int8: ["TINYINT", Int8Array],
  int16: ["SMALLINT", Int16Array],
  int32: ["INTEGER", Int32Array],
  int64: ["BIGINT", BigInt64Array],
  uint8: ["UTINYINT", Uint8Array],
  uint16: ["USMALLINT", Uint16Array],
  uint32: ["UINTEGER", Uint32Array],
  uint64: ["UBIGINT", BigUint64Array],
  boolean: ["BOOLEAN", Uint8Array],
  datetime: ["TIMESTAMPTZ", BigInt64Array],
} as const satisfies Record<Exclude<FieldType, "string">, readonly [string, unknown]>;

export interface VectorWriter {
  /** SQL name of the column's type. */
  readonly sql: string;
  readonly type: LogicalType;
  /** Writes rows of the table to a vector of a chunk. */
  write(vector: Vector, start: number, rows: number): void;
}

/** Returns a writer for a column of a table. */
export function vectorWriter(duckdb: DuckDbFunctions, field: Field, table: Table, index: number): VectorWriter {
  const column = table.columns[index] as Column;
  const size = valuesPerRow(field);
  const [name] = field.type === "string" ? ["VARCHAR"] : TYPES[field.type];
  const element = duckdb.create_logical_type(typeNamed(duckdb, name));
  const isList = isShaped(field);
  const write = column.kind === "text" ? textWriter(duckdb, column, size) : numberWriter(duckdb, field, column, size);
  return {
    sql: isList ? `${name}[${size}]` : name,
    type: isList ? duckdb.create_array_type(element, size) : element,
    write: (vector, start, rows) => write(isList ? duckdb.array_vector_get_child(vector) : vector, start, rows),
  };
}

const typeNamed = ({ Type }: DuckDbFunctions, name: string) =>
  name === "TIMESTAMPTZ" ? Type.TIMESTAMP_TZ : Type[name as "DOUBLE"];

type Write = (vector: Vector, start: number, rows: number) => void;

function textWriter(duckdb: DuckDbFunctions, { codes, dictionary }: TextColumn, size: number): Write {
  const bytes = dictionary.map((text) => Buffer.from(text));
  return (vector, start, rows) => {
    const gaps = new Gaps(rows * size);
    for (let at = 0; at < rows * size; at++) {
      const text = bytes[codes[start * size + at] as number];
      if (text) duckdb.vector_assign_string_element_len(vector, at, text);
      else gaps.add(at);
    }
    gaps.writeTo(duckdb, vector);
  };
}

function numberWriter(duckdb: DuckDbFunctions, field: Field, column: NumberColumn, size: number): Write {
  if (field.type === "string") throw new RangeError(`column ${field.name} is of type string but holds numbers`);
  const { offset, stride, missing } = column;
  const [, array] = TYPES[field.type];
  const from = readable(field, column.data);
  const isBig = array === BigInt64Array || array === BigUint64Array;
  const convert = (value: number | bigint) => (isBig ? BigInt(value) : Number(value));
  return (vector, start, rows) => {
    const values = new array(rows * size) as NumberArray;
    const gaps = new Gaps(rows * size);
    for (let row = 0; row < rows; row++)
      for (let index = 0; index < size; index++) {
        const value = from[offset + (start + row) * stride + index] as number | bigint;
        const isMissing = missing?.[start + row] === 1 || (field.nullable && Number.isNaN(value));
        if (isMissing) gaps.add(row * size + index);
        else values[row * size + index] = convert(value) as never;
      }
    duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, 0, values.byteLength);
    gaps.writeTo(duckdb, vector);
  };
}

/** Tracks a vector's missing values: one bit each, 1 for a value. */
class Gaps {
  readonly #bits: Uint8Array<ArrayBuffer>;
  #any = false;

  constructor(values: number) {
    this.#bits = new Uint8Array(Math.ceil(values / 64) * 8).fill(255);
  }

  add(at: number): void {
    this.#any = true;
    this.#bits[at >> 3] = (this.#bits[at >> 3] as number) & ~(1 << (at & 7));
  }

  writeTo(duckdb: DuckDbFunctions, vector: Vector): void {
    if (!this.#any) return;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, this.#bits.buffer, 0, this.#bits.byteLength);
  }
}
