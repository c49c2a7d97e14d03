import type { Field, FieldType } from "../field.ts";
import { isFloatType } from "../number-array.ts";

/** DuckDB's names of integer types. */
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

/** Smallest magnitude that each type rounds to infinity. */
const OVERFLOWS = { float16: 65_520, float32: 2 ** 128 - 2 ** 103, float64: Number.POSITIVE_INFINITY };

/** A field to read. */
export interface RangedField extends Field {
  /** Type whose range the numbers must fit, if it is smaller than the type in which they are stored. */
  readonly range?: "float32";
  /** Whether the column's type is unknown: it is read as numbers if possible, otherwise as text. */
  readonly mayBeText?: boolean;
  /** Columns of one block and one type share one row-major array. */
  readonly block?: "label" | "weights";
}

export const overflowOf = ({ type, range = type as "float32" }: RangedField): number =>
  isFloatType(range) ? OVERFLOWS[range] : Number.POSITIVE_INFINITY;

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

/** Describes, for errors, the valid values of a type. */
export function described({ type }: Pick<Field, "type">): string {
  if (isFloatType(type)) return "a finite number";
  if (type === "boolean") return "true or false";
  if (type === "datetime") return "a date, such as 2026-05-01 or 2026-05-01T12:00:00Z";
  return type === "string" ? "a string" : `a whole number ${RANGES[type]} (${type})`;
}

export const hasNul = (text: string): boolean => text.includes("\0");

/** Describes, for errors, a string that contains NUL. */
export const nulIn = (text: string): string =>
  ` must be a string without a NUL character, got ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)}: models truncate a string there`;
