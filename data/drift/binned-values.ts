import { numbersOf } from "../column-values.ts";
import type { Field } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import type { Column, NumberColumn } from "../table.ts";

/** Non-missing values of a column of numbers or datetimes. */
export interface PresentNumbers {
  readonly values: Float64Array;
  /** Rows without a value. */
  readonly missing: number;
}

/** Whether a field's values can be binned: only scalars can. */
export const isBinned = ({ shape }: Pick<Field, "shape">): boolean => shape === undefined;

/** Whether this field's bins are categories. */
export const isCategorical = ({ type }: Pick<Field, "type">): boolean => type === "string" || type === "boolean";

/**
 * Returns a row's value as a double; NaN if it is missing. Whole numbers beyond 2^53 and datetimes are rounded by less than one part in 10^15, too
 * little to change a bin.
 * @param type of the column's field
 */
export function numberAt(column: NumberColumn, type: Field["type"], row: number): number {
  if (column.missing?.[row] === 1) return Number.NaN;
  const value = column.data[column.offset + row * column.stride];
  if (value === undefined) return Number.NaN;
  return type === "float16" ? halfOf(value as number) : Number(value);
}

const bits = new Uint16Array(1);
const half = new Float16Array(bits.buffer);
function halfOf(value: number): number {
  bits[0] = value;
  return half[0] as number;
}

/** Returns the text or boolean of a row; undefined if it is missing. */
export function categoryAt(column: Column, row: number): string | boolean | undefined {
  if (column.kind === "text") return column.dictionary[column.codes[row] as number];
  if (column.missing?.[row] === 1) return undefined;
  return Number(column.data[column.offset + row * column.stride]) !== 0;
}

/** Returns a column's finite numbers. Infinity is treated as missing, because requests cannot contain it. */
export function presentNumbers(column: Column, field: Pick<Field, "type">, rows: number): PresentNumbers {
  if (column.kind === "text") return { values: new Float64Array(0), missing: rows };
  const values = numbersOf(field, column, rows).filter(Number.isFinite);
  return { values, missing: rows - values.length };
}

/**
 * Whether values are compared exactly instead of as the nearest float32. Models receive floats as float32, and rounding alone would make a column of
 * tenths appear to drift. Whole numbers and dates are compared exactly.
 */
export const isExact = ({ type }: Pick<Field, "type">): boolean => !isFloatType(type);
