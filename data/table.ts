import { type Field, valuesPerRow } from "./field.ts";

/** Memory of a column of numbers, booleans (Uint8Array: 0 or 1) or datetimes (BigInt64Array). Float16 stands in a Uint16Array, as its bits. */
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
  /** One a row, 1 where the value is missing. Without it none is; NaN also means missing in a float column whose field is nullable. */
  readonly missing?: Uint8Array;
}

/** Text `i` of row `r` is `dictionary[codes[r * valuesPerRow + i]]`; code -1 is a missing value. */
export interface TextColumn {
  readonly kind: "text";
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** Typed rows, column by column: what snapshots are read to, what requests are read to, and what a predictor takes. */
export interface Table {
  readonly fields: readonly Field[];
  /** One a field, in their order. */
  readonly columns: readonly Column[];
  readonly rows: number;
}

/** Its columns are made when they are first asked for: a request of one row is read and answered without them. */
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
 * Columns of one row-major array, rows x fields, that is not copied.
 * @param fields each with a single value a row
 */
export function denseTable(fields: readonly Field[], data: NumberArray, rows: number): Table {
  const stride = fields.length;
  if (data.length !== rows * stride)
    throw new RangeError(`${data.length} values are not ${rows} rows of ${stride} columns`);
  return new DenseTable(fields, data, rows);
}

/** The array in which all columns stand row-major in their order, with nothing missing; undefined where they do not. */
export function denseData(table: Table): NumberArray | undefined {
  if (table instanceof DenseTable) return table.data;
  const data = sharedArray(table);
  const isWhole = table.columns.every((column) => column.kind === "number" && column.missing === undefined);
  return data && isWhole ? data : undefined;
}

/** The array that all columns look at row-major, in their order, whatever is missing; undefined where they do not. */
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

/** Rows `start` to `start + rows` of a table. Nothing is copied: columns look at the same memory, and those that shared an array still do. */
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

/** Copies rows, in the order of `places`. Columns that shared an array share one again. */
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

/** The columns of these names, in this order. @throws RangeError for a name that the table does not have */
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
