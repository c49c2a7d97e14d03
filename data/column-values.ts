import type { Field } from "./field.ts";
import type { NumberArray, NumberColumn } from "./table.ts";

/** Returns a column's values, one per row; NaN for a missing one. Whole numbers beyond 2^53 are rounded. */
export function numbersOf(field: Pick<Field, "type">, column: NumberColumn, rows: number): Float64Array {
  const { offset, stride, missing } = column;
  const data = readable(field, column.data);
  const values = new Float64Array(rows);
  for (let row = 0, at = offset; row < rows; row++, at += stride)
    values[row] = missing?.[row] === 1 ? Number.NaN : Number(data[at]);
  return values;
}

/** Float16 values are stored as their bits. */
export const readable = (
  { type }: Pick<Field, "type">,
  data: NumberArray,
): Exclude<NumberArray, Uint16Array> | ArrayLike<number> =>
  type === "float16" && data instanceof Uint16Array
    ? new Float16Array(data.buffer, data.byteOffset, data.length)
    : data;
