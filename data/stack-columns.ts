import { type Field, valuesPerRow } from "./field.ts";
import { arrayOf, isFloatType } from "./number-array.ts";
import { sharedArray, type Table } from "./table.ts";

/**
 * Combines columns of single values to one column of a field with a shape, such as [8, 8]. Nothing is copied: the columns are already row-major in one
 * array, because the reader builds those of one type that way.
 * @throws RangeError for columns of another number or type, with missing values that the field may not have, or in other arrays
 */
export function stackColumns(table: Table, field: Field): Table {
  const { fields, columns, rows } = table;
  const { name, type, shape = [], nullable } = field;
  const width = valuesPerRow(field);
  if (columns.length !== width)
    throw new RangeError(
      `${name} has ${width} values a row (${shape.join(" x ")}), and there are ${columns.length} columns: ${fields.map((it) => it.name).join(", ")}`,
    );
  const wrong = fields.find((it) => it.type !== type);
  if (wrong || type === "string")
    throw new RangeError(`${name} is ${type}, and column ${wrong?.name} is ${wrong?.type}`);
  const gap = columns.findIndex((column) => column.kind === "number" && column.missing?.includes(1));
  if (gap >= 0 && !(nullable && isFloatType(type)))
    throw new RangeError(`${name} must not have missing values, but column ${fields[gap]?.name} has some`);
  // Missing values are NaN.
  const data = sharedArray(table);
  if (!(data instanceof arrayOf(type))) throw new RangeError(`the columns of ${name} are not row-major in one array`);
  return { fields: [field], columns: [{ kind: "number", data, offset: 0, stride: width }], rows };
}
