import type { Field, FieldType } from "../field.ts";
import type { NumberArray } from "../table.ts";

type ArrayMaker = new (length: number) => NumberArray;

const MAKERS: Readonly<Record<Exclude<FieldType, "string">, ArrayMaker>> = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  boolean: Uint8Array,
  datetime: BigInt64Array,
};

/** Types of integers as DuckDB names them. */
export const INTEGERS: Readonly<Partial<Record<FieldType, string>>> = {
  int8: "TINYINT",
  int16: "SMALLINT",
  int32: "INTEGER",
  int64: "BIGINT",
  uint8: "UTINYINT",
  uint16: "USMALLINT",
  uint32: "UINTEGER",
  uint64: "UBIGINT",
};

export const isFloat = (type: FieldType): type is "float16" | "float32" | "float64" => type.startsWith("float");

/** Memory for values of a type, zeros at first. */
export const arrayOf = (type: Exclude<FieldType, "string">, length: number): NumberArray => new MAKERS[type](length);

/** Values from here on round to infinity in a type. */
const OVERFLOWS = { float16: 65_520, float32: 2 ** 128 - 2 ** 103, float64: Number.POSITIVE_INFINITY };

/** A field whose numbers may have to fit a smaller type than they are kept in. */
export interface RangedField extends Field {
  readonly range?: "float32";
}

export const overflowOf = ({ type, range = type as "float32" }: RangedField): number =>
  isFloat(range) ? OVERFLOWS[range] : Number.POSITIVE_INFINITY;

const RANGES: Readonly<Partial<Record<FieldType, string>>> = {
  int8: "from -128 to 127",
  int16: "from -32768 to 32767",
  int32: "from -2^31 to 2^31 - 1",
  int64: "from -2^63 to 2^63 - 1",
  uint8: "from 0 to 255",
  uint16: "from 0 to 65535",
  uint32: "from 0 to 2^32 - 1",
  uint64: "from 0 to 2^64 - 1",
};

/** What a cell of a type has to be, in an error. */
export function described({ type }: Pick<Field, "type">): string {
  if (isFloat(type)) return "a finite number";
  if (type === "boolean") return "true or false";
  if (type === "datetime") return "a date, such as 2026-05-01 or 2026-05-01T12:00:00Z";
  return type === "string" ? "a text" : `a whole number ${RANGES[type]} (${type})`;
}
