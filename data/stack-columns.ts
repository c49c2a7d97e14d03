import { type Field, valuesPerRow } from "./field.ts";
import { arrayOf, isFloatType } from "./number-array.ts";
import { sharedArray, type Table } from "./table.ts";

/**
 * Combines scalar columns into one column of a field with a shape, such as [8, 8]. Copies nothing: the reader already stores columns of one type
 * row-major in one array.
 * @throws RangeError for a wrong number or type of columns, missing values that the field does not allow, or columns that do not share an array
 */
export function stackColumns(table: Table, field: Field): Table {
  const { fields, columns, rows } = table;
  const { name, type, shape = [], nullable } = field;
  const width = valuesPerRow(field);
  if (columns.length !== width)
    throw new RangeError(
      `${name} has ${width} values per row (${shape.join(" x ")}), but there are ${columns.length} columns: ${fields.map((it) => it.name).join(", ")}`,
    );
  const wrong = fields.find((it) => it.type !== type);
  if (wrong || type === "string")
    throw new RangeError(`${name} is ${type}, but column ${wrong?.name} is ${wrong?.type}`);
  const gap = columns.findIndex((column) => column.kind === "number" && column.missing?.includes(1));
  if (gap >= 0 && !(nullable && isFloatType(type)))
    throw new RangeError(`${name} must not have missing values, but column ${fields[gap]?.name} has some`);
  // Missing values are NaN.
  const data = sharedArray(table);
  if (!(data instanceof arrayOf(type))) throw new RangeError(`the columns of ${name} are not row-major in one array`);
  return { fields: [field], columns: [{ kind: "number", data, offset: 0, stride: width }], rows };
}
