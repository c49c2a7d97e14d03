import { type Field, valuesPerRow } from "../../data/field.ts";
import { isFloatType, rangeOf } from "../../data/number-array.ts";
import { type Column, denseData, type NumberColumn, type Table, type TextColumn } from "../../data/table.ts";
import { PredictorError, RowError } from "./errors.ts";
import type { ModelInput } from "./inputs.ts";
import type { PlainTensor } from "./tensor.ts";

/**
 * Writes an input's fields to its tensor. Values are copied if the types match, and otherwise converted. Conversion between integer types, or from double
 * to double, never changes a value.
 * @throws RowError if the tensor cannot hold a value, such as a fraction or a missing value in an integer tensor
 */
export function fillInput({ data, type }: PlainTensor, input: ModelInput, table: Table, missingText: string): void {
  if (Array.isArray(data)) {
    fillTexts(data, input, table, missingText);
    return;
  }
  const dense = input.fields.length === table.fields.length ? denseData(table) : undefined;
  if (dense?.constructor === data.constructor) {
    (data as Float32Array).set(dense as Float32Array);
    return;
  }
  const put = writer(data, type, input.name);
  const width = widthOf(input, table);
  let from = 0;
  for (const fieldIndex of input.fields) {
    const [field, column] = [table.fields[fieldIndex] as Field, numbers(table, fieldIndex)];
    if (copyAll(data, type, column, field, { rows: table.rows, width })) return;
    if (!copyFloats(data, type, column, field, { rows: table.rows, width, from }))
      fillColumn(put, column, field, { rows: table.rows, width, from, isFloat: isFloatType(type) });
    from += valuesPerRow(field);
  }
}

const widthOf = ({ fields }: ModelInput, table: Table) =>
  fields.reduce((sum, fieldIndex) => sum + valuesPerRow(table.fields[fieldIndex] as Field), 0);

function fillTexts(data: string[], input: ModelInput, table: Table, missingText: string): void {
  const width = widthOf(input, table);
  let from = 0;
  for (const fieldIndex of input.fields) {
    const field = table.fields[fieldIndex] as Field;
    const size = valuesPerRow(field);
    const { codes, dictionary } = texts(table, fieldIndex);
    for (let row = 0; row < table.rows; row++)
      for (let index = 0; index < size; index++)
        data[row * width + from + index] = dictionary[codes[row * size + index] as number] ?? missingText;
    from += size;
  }
}

function texts({ columns, fields }: Table, fieldIndex: number): TextColumn {
  const column = columns[fieldIndex] as Column;
  if (column.kind === "text") return column;
  throw new PredictorError(`column ${fields[fieldIndex]?.name} must contain strings`);
}

function numbers({ columns, fields }: Table, fieldIndex: number): NumberColumn {
  const column = columns[fieldIndex] as Column;
  if (column.kind === "number") return column;
  throw new PredictorError(`column ${fields[fieldIndex]?.name} must contain numbers`);
}

/** Copies an input of one column that is contiguous, of the same type and without missing values. Otherwise returns false. */
function copyAll(
  to: Exclude<PlainTensor["data"], string[]>,
  type: PlainTensor["type"],
  { data, offset, stride, missing }: NumberColumn,
  field: Field,
  { rows, width }: Pick<Target, "rows" | "width">,
): boolean {
  const size = valuesPerRow(field);
  if (size !== width || stride !== size || missing || data.constructor !== to.constructor) return false;
  // float16 bits and uint16 use the same kind of array.
  if (data instanceof Uint16Array && field.type !== type) return false;
  (to as Float64Array).set((data as Float64Array).subarray(offset, offset + rows * size));
  return true;
}

/** Copies the most frequent case in a tight loop: scalar floats without missing values. Otherwise returns false. */
function copyFloats(
  to: PlainTensor["data"],
  type: PlainTensor["type"],
  { data, offset, stride, missing }: NumberColumn,
  field: Field,
  { rows, width, from }: Omit<Target, "isFloat">,
): boolean {
  const isPlain = data instanceof Float32Array || data instanceof Float64Array;
  if (!isPlain || missing || valuesPerRow(field) > 1 || (type !== "float32" && type !== "float64")) return false;
  const floats = to as Float32Array;
  for (let row = 0, at = from, source = offset; row < rows; row++, at += width, source += stride)
    floats[at] = data[source] as number;
  return true;
}

interface Target {
  readonly rows: number;
  /** Values per row of the tensor. */
  readonly width: number;
  /** Offset of the field's values in the row. */
  readonly from: number;
  readonly isFloat: boolean;
}

function fillColumn(put: Put, column: NumberColumn, field: Field, { rows, width, from, isFloat }: Target): void {
  const { offset, stride, missing } = column;
  const size = valuesPerRow(field);
  const data =
    field.type === "float16" && column.data instanceof Uint16Array
      ? new Float16Array(column.data.buffer, column.data.byteOffset, column.data.length)
      : column.data;
  for (let row = 0; row < rows; row++) {
    if (missing?.[row] === 1) {
      if (!isFloat)
        throw new RowError(
          row,
          `row ${row}: ${field.name} is missing, and the model's tensor cannot represent a missing value`,
        );
      for (let index = 0; index < size; index++) put(row * width + from + index, Number.NaN, row);
    } else
      for (let index = 0; index < size; index++)
        put(row * width + from + index, data[offset + row * stride + index] as number | bigint, row);
  }
}

type Put = (at: number, value: number | bigint, row: number) => void;

function writer(data: Exclude<PlainTensor["data"], string[]>, type: PlainTensor["type"], name: string): Put {
  const range = rangeOf(type);
  if (!range) {
    const floats =
      type === "float16" ? new Float16Array(data.buffer, data.byteOffset, data.length) : (data as Float64Array);
    return (at, value) => {
      floats[at] = Number(value);
    };
  }
  const refuse = (row: number, value: number | bigint): never => {
    throw new RowError(row, `row ${row}: ${name} must be a whole number from ${range[0]} to ${range[1]}, not ${value}`);
  };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return (at, value, row) => {
      // A double beyond 2^53 may represent a neighbouring integer.
      if (typeof value === "number" && !Number.isSafeInteger(value)) refuse(row, value);
      const whole = BigInt(value);
      if (whole < range[0] || whole > range[1]) refuse(row, value);
      data[at] = whole;
    };
  const [least, most] = [Number(range[0]), Number(range[1])];
  return (at, value, row) => {
    const whole = Number(value);
    if (!Number.isInteger(whole) || whole < least || whole > most) refuse(row, value);
    data[at] = whole;
  };
}
