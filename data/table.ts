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
 * Value `i` of row `r` is `data[offset + r * stride + i]`. Several columns may share one array: rows x columns of one tensor. Its first row begins at
 * its first value, so that `offset` is less than `stride`.
 */
export interface NumberColumn {
  readonly kind: "number";
  readonly data: NumberArray;
  readonly offset: number;
  readonly stride: number;
  /** One per row, 1 for a missing value. Absent if none is missing; NaN also means missing in a float column whose field is nullable. */
  readonly missing?: Uint8Array;
}

/** Text `i` of row `r` is `dictionary[codes[r * valuesPerRow + i]]`; code -1 is a missing value. */
export interface TextColumn {
  readonly kind: "text";
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** Typed rows, column by column: the result of reading snapshots and requests, and the input of a predictor. */
export interface Table {
  readonly fields: readonly Field[];
  /** One per field, in order. */
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** Creates its columns on first use, because a request of one row is read and answered without them. */
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
 * @param fields each with a single value per row
 */
export function denseTable(fields: readonly Field[], data: NumberArray, rows: number): Table {
  const stride = fields.length;
  if (data.length !== rows * stride)
    throw new RangeError(`${data.length} values are not ${rows} rows of ${stride} columns`);
  return new DenseTable(fields, data, rows);
}

/** Returns the array that all columns share row-major in order, without missing values; undefined if there is none. */
export function denseData(table: Table): NumberArray | undefined {
  if (table instanceof DenseTable) return table.data;
  const data = sharedArray(table);
  const isWhole = table.columns.every((column) => column.kind === "number" && column.missing === undefined);
  return data && isWhole ? data : undefined;
}

/** Returns the array that all columns share row-major in order, whatever is missing; undefined if there is none. */
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

/** Returns rows `start` to `start + rows` of a table without copying: columns view the same memory, and still share arrays. */
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

/** Copies rows, in the order of `places`. Columns that shared an array share a new one. */
export function gatherRows({ fields, columns }: Table, places: readonly number[]): Table {
  const parts = new Map<NumberArray, NumberArray>();
  return {
    fields,
    rows: places.length,
    columns: columns.map((column, index): Column => {
      if (column.kind === "text") {
        const width = valuesPerRow(fields[index] as Field);
        const codes = new Int32Array(places.length * width);
        for (const [row, place] of places.entries())
          codes.set(column.codes.subarray(place * width, (place + 1) * width), row * width);
        return { ...column, codes };
      }
      const { data, missing, stride } = column;
      const part = parts.get(data) ?? gather(data, stride, places);
      parts.set(data, part);
      const gaps = missing && Uint8Array.from(places, (place) => missing[place] as number);
      return { ...column, data: part, ...(gaps && { missing: gaps }) };
    }),
  };
}

function gather(data: NumberArray, stride: number, places: readonly number[]): NumberArray {
  const part = new (data.constructor as Float64ArrayConstructor)(places.length * stride);
  for (const [row, place] of places.entries())
    part.set(data.subarray(place * stride, (place + 1) * stride) as Float64Array, row * stride);
  return part;
}

/** Returns the columns of these names, in this order. @throws RangeError for a name that the table does not have */
export function pickColumns({ fields, columns, rows }: Table, names: readonly string[]): Table {
  const places = names.map((name) => {
    const place = fields.findIndex((field) => field.name === name);
    if (place < 0) throw new RangeError(`there is no column ${name}: ${fields.map((field) => field.name).join(", ")}`);
    return place;
  });
  return {
    fields: places.map((place) => fields[place] as Field),
    columns: places.map((place) => columns[place] as Column),
    rows,
  };
}
