import { readable } from "./column-values.ts";
import { type Field, valuesPerRow } from "./field.ts";
import { arrayOf } from "./number-array.ts";
import type { Column, NumberArray } from "./table.ts";

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
