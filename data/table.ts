import { type Field, valuesPerRow } from "./field.ts";

/** Memory of a column of numbers, booleans (Uint8Array: 0 or 1) or datetimes (BigInt64Array). Float16 values are bits in a Uint16Array. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A column of numbers: value `i` of row `r` is `data[offset + r * stride + i]`. Several columns may share one array, the rows x columns of a tensor. The
 * first row begins at the array's start, so `offset` is less than `stride`.
 */
export interface NumberColumn {
  readonly kind: "number";
  readonly data: NumberArray;
  readonly offset: number;
  readonly stride: number;
  /** One per row, 1 for a missing value; absent if none is missing. In a nullable float column, NaN also means missing. */
  readonly missing?: Uint8Array;
}

/** A column of strings: string `i` of row `r` is `dictionary[codes[r * valuesPerRow + i]]`; code -1 is a missing value. */
export interface TextColumn {
  readonly kind: "text";
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** Typed rows, by column: the result of reading snapshots and requests, and the input of a predictor. */
export interface Table {
  readonly fields: readonly Field[];
  /** One per field, in order. */
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** Creates column objects on first use, because most requests never need them. */
class DenseTable implements Table {
  readonly fields: readonly Field[];
  readonly data: NumberArray;
  readonly rows: number;
  #columns: readonly Column[] | undefined;

  constructor(fields: readonly Field[], data: NumberArray, rows: number) {
    this.fields = fields;
    this.data = data;
    this.rows = rows;
  }

  get columns(): readonly Column[] {
    const { data, fields } = this;
    this.#columns ??= fields.map((_, offset) => ({ kind: "number", data, offset, stride: fields.length }));
    return this.#columns;
  }
}

/**
 * Creates columns over one row-major array, rows x fields, without copying.
 * @param fields scalar fields
 */
export function denseTable(fields: readonly Field[], data: NumberArray, rows: number): Table {
  const stride = fields.length;
  if (data.length !== rows * stride)
    throw new RangeError(`${data.length} values are not ${rows} rows of ${stride} columns`);
  return new DenseTable(fields, data, rows);
}

/** Returns the array that all columns share, row-major and in order, if it is free of missing values; otherwise undefined. */
export function denseData(table: Table): NumberArray | undefined {
  if (table instanceof DenseTable) return table.data;
  const data = sharedArray(table);
  const isWhole = table.columns.every((column) => column.kind === "number" && column.missing === undefined);
  return data && isWhole ? data : undefined;
}

/** Returns the array that all columns share, row-major and in order, even with missing values; undefined if there is none. */
export function sharedArray({ columns, rows }: Table): NumberArray | undefined {
  const [first] = columns;
  if (first?.kind !== "number" || first.data.length !== rows * columns.length) return undefined;
  const isDense = columns.every(
    (column, offset) =>
      column.kind === "number" &&
      column.data === first.data &&
      column.offset === offset &&
      column.stride === columns.length,
  );
  return isDense ? first.data : undefined;
}

/** Returns rows `start` to `start + rows` of a table without copying: columns view the same memory, and keep sharing arrays. */
export function sliceRows({ fields, columns }: Table, start: number, rows: number): Table {
  const parts = new Map<NumberArray, NumberArray>();
  return {
    fields,
    rows,
    columns: columns.map((column, index): Column => {
      if (column.kind === "text") {
        const width = valuesPerRow(fields[index] as Field);
        return { ...column, codes: column.codes.subarray(start * width, (start + rows) * width) };
      }
      const { data, missing, stride } = column;
      const part = parts.get(data) ?? (data.subarray(start * stride, (start + rows) * stride) as NumberArray);
      parts.set(data, part);
      return { ...column, data: part, ...(missing && { missing: missing.subarray(start, start + rows) }) };
    }),
  };
}

/** Copies the rows with these indexes, in this order. Columns that shared an array share a new one. */
export function gatherRows({ fields, columns }: Table, indexes: readonly number[]): Table {
  const parts = new Map<NumberArray, NumberArray>();
  return {
    fields,
    rows: indexes.length,
    columns: columns.map((column, index): Column => {
      if (column.kind === "text") {
        const width = valuesPerRow(fields[index] as Field);
        const codes = new Int32Array(indexes.length * width);
        for (const [row, from] of indexes.entries())
          codes.set(column.codes.subarray(from * width, (from + 1) * width), row * width);
        return { ...column, codes };
      }
      const { data, missing, stride } = column;
      const part = parts.get(data) ?? gather(data, stride, indexes);
      parts.set(data, part);
      const gaps = missing && Uint8Array.from(indexes, (index) => missing[index] as number);
      return { ...column, data: part, ...(gaps && { missing: gaps }) };
    }),
  };
}

function gather(data: NumberArray, stride: number, indexes: readonly number[]): NumberArray {
  const part = new (data.constructor as Float64ArrayConstructor)(indexes.length * stride);
  for (const [row, from] of indexes.entries())
    part.set(data.subarray(from * stride, (from + 1) * stride) as Float64Array, row * stride);
  return part;
}

/** Returns the named columns, in this order. @throws RangeError for a name that the table does not have */
export function pickColumns({ fields, columns, rows }: Table, names: readonly string[]): Table {
  const indexes = names.map((name) => {
    const index = fields.findIndex((field) => field.name === name);
    if (index < 0) throw new RangeError(`there is no column ${name}: ${fields.map((field) => field.name).join(", ")}`);
    return index;
  });
  return {
    fields: indexes.map((index) => fields[index] as Field),
    columns: indexes.map((index) => columns[index] as Column),
    rows,
  };
}
