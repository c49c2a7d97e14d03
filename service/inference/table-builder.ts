import { type Field, valuesPerRow } from "../../data/field.ts";
import { DATETIME_EXPECTED, readDatetime } from "../../data/instant.ts";
import { type ArrayType, arrayOf, isDense, isFloatType, rangeOf } from "../../data/number-array.ts";
import { type Column, denseTable, type NumberArray, type Table } from "../../data/table.ts";
import { kind } from "../predictor/errors.ts";
import { HOW_TO_ALLOW } from "../predictor/missing.ts";

/** Why a value is invalid: a JSON pointer relative to the value, and what is required there. */
export interface Fault {
  readonly at: string;
  readonly what: Reason;
}

/** An integer beyond 2^53, which JSON.parse has rounded. */
export class RoundedNumber {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  toString(): string {
    return `is ${this.#digits}, beyond 2^53, where JSON numbers lose precision: send it as a string`;
  }
}

/** What is required of a value. */
export type Reason = string | RoundedNumber;

/** Writes a value to a column. Returns why it is invalid, or undefined. */
type Put = (at: number, value: unknown) => Reason | undefined;

interface Store {
  readonly put: Put;
  readonly offset: number;
  readonly stride: number;
  readonly column: () => Column;
}

/** Builds a table from parsed rows, and validates each value by its field's type. */
export class TableBuilder {
  readonly fields: readonly Field[];
  readonly rows: number;
  readonly #stores: readonly Store[];
  /** One array for all columns, if they share one. */
  readonly #dense: NumberArray | undefined;

  constructor(fields: readonly Field[], rows: number) {
    this.fields = fields;
    this.rows = rows;
    const [first] = fields;
    if (first && isDense(fields)) {
      const data = new (arrayOf(first.type as ArrayType))(rows * fields.length);
      this.#dense = data;
      this.#stores = fields.map((field, offset) => {
        return numberStore(field, data, { offset, stride: fields.length }, undefined);
      });
    } else this.#stores = fields.map((field) => storeOf(field, rows));
  }

  /** Writes a row's value of a field: nested lists if the field has a shape. */
  put(fieldIndex: number, row: number, value: unknown): Fault | undefined {
    const { put, offset, stride } = this.#stores[fieldIndex] as Store;
    const { shape } = this.fields[fieldIndex] as Field;
    if (shape) return putNested(put, shape, value, row * stride);
    const what = put(offset + row * stride, value);
    return what === undefined ? undefined : { at: "", what };
  }

  /** Writes one element of a row's value, by its row-major index in the field's shape. */
  putFlat(fieldIndex: number, row: number, index: number, value: unknown): Reason | undefined {
    const { put, offset, stride } = this.#stores[fieldIndex] as Store;
    return put(offset + row * stride + index, value);
  }

  /** Marks a nullable field as missing in all rows. */
  leaveOut(fieldIndex: number): void {
    const { put, offset, stride } = this.#stores[fieldIndex] as Store;
    const size = valuesPerRow(this.fields[fieldIndex] as Field);
    for (let row = 0; row < this.rows; row++)
      for (let index = 0; index < size; index++) put(offset + row * stride + index, null);
  }

  table(): Table {
    const { fields, rows } = this;
    if (this.#dense) return denseTable(fields, this.#dense, rows);
    return { fields, rows, columns: this.#stores.map(({ column }) => column()) };
  }
}

function putNested(put: Put, shape: readonly number[], value: unknown, start: number): Fault | undefined {
  let at = start;
  const visit = (list: unknown, depth: number, pointer: string): Fault | undefined => {
    if (depth === shape.length) {
      const what = put(at++, list);
      return what === undefined ? undefined : { at: pointer, what };
    }
    const size = shape[depth];
    if (!Array.isArray(list)) return { at: pointer, what: `must be a list of ${size}, not ${kind(list)}` };
    if (list.length !== size) return { at: pointer, what: `must have ${size} items, not ${list.length}` };
    for (let index = 0; index < list.length; index++) {
      const fault = visit(list[index], depth + 1, `${pointer}/${index}`);
      if (fault) return fault;
    }
    return undefined;
  };
  return visit(value, 0, "");
}

function storeOf(field: Field, rows: number): Store {
  const size = valuesPerRow(field);
  if (field.type === "string") return textStore(field, rows * size, size);
  // Floats need no mask: NaN marks a missing value.
  const missing = field.nullable && !isFloatType(field.type) && size === 1 ? new Uint8Array(rows) : undefined;
  const data = new (arrayOf(field.type))(rows * size);
  return numberStore(field, data, { offset: 0, stride: size }, missing);
}

const NUL_REJECTED = "must not contain U+0000: the runtime would truncate the string there";

// Not converted: a model may know true as "true", "True" or "TRUE", and would read any other spelling as an unknown text.
const quotesFor = (value: boolean) => `: send it in quotes, as the training data spells it, such as "${value}"`;

function textStore({ nullable }: Field, size: number, stride: number): Store {
  const codes = new Int32Array(size);
  const dictionary: string[] = [];
  const put: Put = (at, value) => {
    if (typeof value === "string") {
      if (value.includes("\0")) return NUL_REJECTED;
      codes[at] = dictionary.push(value) - 1;
    } else if (value !== null)
      return `must be a string, not ${kind(value)}${typeof value === "boolean" ? quotesFor(value) : ""}`;
    else if (!nullable) return `must be a string, not null; to allow missing values, ${HOW_TO_ALLOW}`;
    else codes[at] = -1;
    return undefined;
  };
  return { put, offset: 0, stride, column: () => ({ kind: "text", codes, dictionary }) };
}

function numberStore(
  field: Field,
  data: NumberArray,
  { offset, stride }: { readonly offset: number; readonly stride: number },
  missing: Uint8Array | undefined,
): Store {
  const putValue = putOf(field, data);
  const put: Put = missing
    ? (at, value) => {
        if (value !== null) return putValue(at, value);
        missing[at] = 1;
        return undefined;
      }
    : putValue;
  const column = (): Column => ({ kind: "number", data, offset, stride, ...(missing && { missing }) });
  return { put, offset, stride, column };
}

const wrongType = (must: string, value: unknown, remedy: string): string =>
  `must be ${must}, not ${kind(value)}${value === null ? `; ${remedy}` : ""}`;

const ALLOW_MISSING = `to allow missing values, ${HOW_TO_ALLOW}`;
const CANNOT_BE_MISSING = "the model's tensor cannot hold a missing value: export the model with a float input for it";

function putOf({ type, nullable }: Field, data: NumberArray): Put {
  if (type === "boolean") return putBoolean(data as Uint8Array);
  if (type === "datetime") return putDatetime(data as BigInt64Array);
  if (isFloatType(type)) return putFloat(type, data, nullable);
  return putWhole(type, data);
}

/** Largest finite number of each type, as error messages show it. */
const LARGEST = { float16: "65504", float32: "3.4e38", float64: "1.8e308" } as const;

function putFloat(type: keyof typeof LARGEST, data: NumberArray, nullable: boolean): Put {
  const floats = type === "float16" ? new Float16Array(data.buffer) : (data as Float64Array);
  return (at, value) => {
    // Checks the type first, because a string or null would be converted silently.
    if (typeof value === "number") {
      floats[at] = value;
      return Number.isFinite(floats[at]) ? undefined : `must be finite as ${type} (up to ${LARGEST[type]})`;
    }
    if (value !== null || !nullable) return wrongType("a number", value, ALLOW_MISSING);
    floats[at] = Number.NaN;
    return undefined;
  };
}

function putWhole(type: string, data: NumberArray): Put {
  const [least, most] = rangeOf(type) ?? [0n, 0n];
  const [low, high] = [Number(least), Number(most)];
  const must = `a whole number from ${least} to ${most}`;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return (at, value) => {
      const isText = typeof value === "string" && /^-?\d{1,20}$/.test(value);
      if (!isText && typeof value !== "number") return wrongType(must, value, CANNOT_BE_MISSING);
      if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value))
        return new RoundedNumber(String(BigInt(value)));
      if (!isText && !Number.isInteger(value)) return `must be ${must}, not ${value}`;
      const whole = BigInt(value as string | number);
      if (whole < least || whole > most) return `must be ${must}, not ${whole}`;
      data[at] = whole;
      return undefined;
    };
  return (at, value) => {
    if (typeof value !== "number") return wrongType(must, value, CANNOT_BE_MISSING);
    if (!Number.isInteger(value) || value < low || value > high) return `must be ${must}, not ${value}`;
    data[at] = value;
    return undefined;
  };
}

const putBoolean =
  (data: Uint8Array): Put =>
  (at, value) => {
    if (typeof value !== "boolean" && value !== 0 && value !== 1)
      return wrongType("true or false", value, CANNOT_BE_MISSING);
    data[at] = Number(value);
    return undefined;
  };

const putDatetime =
  (data: BigInt64Array): Put =>
  (at, value) => {
    const read =
      typeof value === "string" ? readDatetime(value) : wrongType(DATETIME_EXPECTED, value, CANNOT_BE_MISSING);
    if (typeof read === "string") return read;
    data[at] = read;
    return undefined;
  };
