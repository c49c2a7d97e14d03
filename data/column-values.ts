import { type Field, valuesPerRow } from "./field.ts";
import { arrayOf } from "./number-array.ts";
import type { Column, NumberArray, NumberColumn } from "./table.ts";

/** Returns a column's values, one per row; NaN for a missing value. Whole numbers beyond 2^53 are rounded. */
export function numbersOf(field: Pick<Field, "type">, column: NumberColumn, rows: number): Float64Array {
  const { offset, stride, missing } = column;
  const data = readable(field, column.data);
  const values = new Float64Array(rows);
  for (let row = 0, at = offset; row < rows; row++, at += stride)
    values[row] = missing?.[row] === 1 ? Number.NaN : Number(data[at]);
  return values;
}

/** Returns an array that reads as numbers: float16 values are stored as bits. */
export const readable = (
  { type }: Pick<Field, "type">,
  data: NumberArray,
): Exclude<NumberArray, Uint16Array> | ArrayLike<number> =>
  type === "float16" && data instanceof Uint16Array
    ? new Float16Array(data.buffer, data.byteOffset, data.length)
    : data;

/** Copies a column into its own memory, in the array type of its field. */
export function copyColumn(field: Field, column: Column, rows: number): Column {
  if (column.kind === "text") return { ...column, codes: column.codes.slice() };
  const size = valuesPerRow(field);
  const data = new (arrayOf(field.type === "string" ? "float64" : field.type))(rows * size);
  const from = column.data.constructor === data.constructor ? column.data : readable(field, column.data);
  const to = readable(field, data) as NumberArray;
  for (let row = 0; row < rows; row++)
    for (let index = 0; index < size; index++)
      to[row * size + index] = from[column.offset + row * column.stride + index] as never;
  return { ...column, data, offset: 0, stride: size, ...(column.missing && { missing: column.missing.slice() }) };
}
