import type { Field } from "../field.ts";
import { isFloatType, rangeOf } from "../number-array.ts";
import { beforeDouble, storedKind } from "./cast-sql.ts";
import { described, INTEGERS, overflowOf, type RangedField } from "./column-types.ts";

/** Describes how the database returns a list's elements. */
export interface StoredElements {
  /** Nesting depth of the lists. */
  readonly depth: number;
  readonly type: keyof typeof ELEMENT_ARRAYS | "VARCHAR";
}

/** Array class for each element type. */
export const ELEMENT_ARRAYS = {
  DOUBLE: Float64Array,
  BOOLEAN: Uint8Array,
  TINYINT: Int8Array,
  SMALLINT: Int16Array,
  INTEGER: Int32Array,
  BIGINT: BigInt64Array,
  UTINYINT: Uint8Array,
  USMALLINT: Uint16Array,
  UINTEGER: Uint32Array,
  UBIGINT: BigUint64Array,
} as const;

/** An element of a list. */
export type Element = number | bigint | boolean | string | null;

/**
 * Returns SQL for the lists of a Parquet column; undefined if its type cannot be read as the field's.
 * @param column SQL name of the column
 * @param stored DuckDB's name of the type, such as FLOAT[] or INTEGER[8][8]
 */
export function storedLists(
  { type, shape = [] }: Field,
  column: string,
  stored: string,
): { readonly sql: string; readonly elements: StoredElements } | undefined {
  const [, base = "", brackets = ""] = /^(.*?)((?:\[\d*\])+)$/.exec(stored) ?? [];
  const depth = brackets.split("[").length - 1;
  const given = elementType(type, base);
  if (given === undefined || (depth !== shape.length && depth !== 1)) return undefined;
  const lists = "[]".repeat(depth);
  const exact = given === "DOUBLE" ? beforeDouble(column, base, lists) : column;
  return { sql: `CAST(${exact} AS ${given}${lists})`, elements: { depth, type: given } };
}

function elementType(type: Field["type"], base: string): StoredElements["type"] | undefined {
  const kind = storedKind(base);
  if (type === "string") return kind === "other" ? undefined : "VARCHAR";
  if (type === "datetime" || kind !== "number" || base.endsWith("HUGEINT")) return undefined;
  if (isFloatType(type) || /^(?:FLOAT|DOUBLE|DECIMAL)/.test(base)) return "DOUBLE";
  return base as StoredElements["type"];
}

/** Whether elements of this type can be copied to the field without conversion. */
export const isSameType = ({ type }: Field, stored: StoredElements["type"]): boolean =>
  stored === (type === "boolean" ? "BOOLEAN" : INTEGERS[type]);

/** Converts an element to a field's value (a float16 not yet to its bits); undefined if it is not a valid value. */
export function fieldValue(field: RangedField, element: Exclude<Element, null>): number | bigint | undefined {
  const { type, nullable } = field;
  if (typeof element === "string") return undefined;
  if (isFloatType(type)) {
    if (typeof element === "boolean") return undefined;
    const value = Number(element);
    return Math.abs(value) < overflowOf(field) || (nullable && Number.isNaN(value)) ? value : undefined;
  }
  if (type === "boolean") return [0, 1].find((it) => it === Number(element));
  const [least, most] = rangeOf(type) ?? [0n, 0n];
  if (typeof element === "number" && !Number.isInteger(element)) return undefined;
  const whole = BigInt(element);
  if (whole < least || whole > most) return undefined;
  return type.endsWith("64") ? whole : Number(whole);
}

/** Explains why an element is not a valid value of the field. */
export function unfitElement(field: RangedField, element: Element): string {
  if (element === null) return "is missing";
  const isBeyond = isFloatType(field.type) && typeof element === "number" && Number.isFinite(element);
  return isBeyond
    ? `is ${element}, beyond the range of ${field.range ?? field.type}`
    : `must be ${described(field)}, got ${typeof element === "string" ? JSON.stringify(element) : `"${element}"`}`;
}

/** Formats dimensions: 8 x 8. */
export const dimsOf = ({ shape = [] }: Field): string => shape.join(" x ");
