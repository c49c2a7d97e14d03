import type { Field, FieldType } from "../../data/field.ts";
import { type ArrayType, arrayOf, isFloatType, rangeOf } from "../../data/number-array.ts";
import type { Column, NumberArray, Table } from "../../data/table.ts";
import { digitsOf, headOf, skipSpace } from "./row-scanner.ts";
import type { Rows } from "./rows.ts";
import { HASH_START, mix, TextPool } from "./text-pool.ts";

const [SPACE, PLUS, COMMA, MINUS, DOT, ZERO] = [0x20, 0x2b, 0x2c, 0x2d, 0x2e, 0x30];
const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7d];
/** The literals null, true and false, by their first four bytes. */
const [NULL, TRUE, FALS, E] = [0x6e756c6c, 0x74727565, 0x66616c73, 0x65];

/** The digits of numbers with up to 15 digits are an integer below 2^53. Dividing it by an exact power of ten rounds once, so correctly (Clinger, 1990). */
const MAX_DIGITS = 15;
const POWERS = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, power) => Number(`1e${power}`));
/** Maximum number of values for which memory is kept between calls. */
const MAX_KEPT = 2 ** 18;

const [FLOAT32, FLOAT64, WHOLE, BOOLEAN, TEXT] = [0, 1, 2, 3, 4];

function kindOf({ type, shape }: Field): number | undefined {
  if (shape) return undefined;
  if (type === "float32") return FLOAT32;
  if (type === "float64") return FLOAT64;
  if (type === "boolean") return BOOLEAN;
  if (type === "string") return TEXT;
  return rangeOf(type) && type !== "uint64" ? WHOLE : undefined;
}

/** Whether rows of these fields can be scanned: scalars of any type except float16, uint64 and datetime. */
export const isScannable = (fields: readonly Field[]): boolean => fields.every((field) => kindOf(field) !== undefined);

/**
 * Reads lists of rows of typed columns directly from a body's bytes, as scanRows does for float32s. The values equal those of JSON.parse and TableBuilder.
 * Returns undefined for any other body, valid or not: those two then read it or report the error.
 */
export class TypedRowScanner {
  readonly #fields: readonly Field[];
  readonly #kinds: readonly number[];
  readonly #least: readonly number[];
  readonly #most: readonly number[];
  readonly #texts = new TextPool();
  /** Row-major: numbers, booleans as 0 and 1, strings as codes; NaN for a missing value. */
  #scratch = new Float64Array(1024);
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
    this.#kinds = fields.map((field) => kindOf(field) ?? -1);
    const ranges = fields.map(({ type }) => rangeOf(type));
    // Numbers beyond 2^53 are not exact, so they are left to the parsers.
    this.#least = ranges.map((range) => Math.max(Number(range?.[0] ?? 0), Number.MIN_SAFE_INTEGER));
    this.#most = ranges.map((range) => Math.min(Number(range?.[1] ?? 0), Number.MAX_SAFE_INTEGER));
  }

  scan(bytes: Buffer, maxRows: number): Rows | undefined {
    const width = this.#fields.length;
    const head = headOf(bytes);
    if (!head) return undefined;
    let { at } = head;
    this.#texts.begin();
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let rows = 0;
    do {
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== OPEN_LIST || rows === maxRows) return undefined;
      at = this.#row(bytes, at, rows * width);
      if (at < 0 || bytes[at] !== CLOSE_LIST) return undefined;
      rows++;
      at = skipSpace(bytes, at + 1);
    } while (bytes[at] === COMMA);
    if (bytes[at] !== CLOSE_LIST) return undefined;
    at = skipSpace(bytes, at + 1);
    if (bytes[at] !== CLOSE_OBJECT || skipSpace(bytes, at + 1) !== bytes.length) return undefined;
    const table = this.#table(rows);
    if (this.#scratch.length > MAX_KEPT) this.#scratch = new Float64Array(1024);
    return { table, pointerToRow: (row) => `/${head.name}/${row}` };
  }

  /** Reads a row's values into the scratch array from index `from`. Returns the offset after the last value; -1 if a value does not match its field. */
  #row(bytes: Buffer, start: number, from: number): number {
    const width = this.#kinds.length;
    if (from + width > this.#scratch.length) this.#grow(from + width);
    let at = start;
    for (let column = 0; column < width; column++) {
      if (column > 0 && bytes[at] !== COMMA) return -1;
      at++;
      if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at);
      at = this.#value(bytes, at, column, from + column);
      if (at < 0) return -1;
      if ((bytes[at] as number) <= SPACE) at = skipSpace(bytes, at);
    }
    return at;
  }

  // Each of the following writes a value to the scratch array and returns the offset after it, or -1. Returning a double would allocate an object.

  #value(bytes: Buffer, at: number, column: number, to: number): number {
    const kind = this.#kinds[column];
    const byte = bytes[at];
    if (byte === QUOTE) return kind === TEXT ? this.#text(bytes, at + 1, to) : -1;
    if (byte === NULL >> 24) return this.#fields[column]?.nullable ? this.#null(bytes, at, to) : -1;
    if (kind === TEXT) return -1;
    if (kind === BOOLEAN && (byte === TRUE >> 24 || byte === FALS >> 24)) return this.#literal(bytes, at, to);
    const end = this.#number(bytes, at, to);
    if (end < 0) return -1;
    const value = this.#scratch[to] as number;
    if (kind === FLOAT32) return Number.isFinite(Math.fround(value)) ? end : -1;
    if (kind === FLOAT64) return Number.isFinite(value) ? end : -1;
    if (kind === BOOLEAN) return value === 0 || value === 1 ? end : -1;
    const isInRange = value >= (this.#least[column] as number) && value <= (this.#most[column] as number);
    return isInRange && Number.isInteger(value) ? end : -1;
  }

  #null(bytes: Buffer, at: number, to: number): number {
    this.#scratch[to] = Number.NaN;
    return bytes.length - at >= 4 && bytes.readInt32BE(at) === NULL ? at + 4 : -1;
  }

  #literal(bytes: Buffer, at: number, to: number): number {
    const four = bytes.length - at >= 5 ? bytes.readInt32BE(at) : 0;
    this.#scratch[to] = four === TRUE ? 1 : 0;
    if (four === TRUE) return at + 4;
    return four === FALS && bytes[at + 4] === E ? at + 5 : -1;
  }

  /** Reads a string without escapes, as its code. */
  #text(bytes: Buffer, start: number, to: number): number {
    let at = start;
    let hash = HASH_START;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      // Undefined past the end of the body: every comparison is false.
      if (!(byte >= SPACE) || byte === BACKSLASH) return -1;
      hash = mix(hash, byte);
    }
    const code = this.#texts.codeOf(bytes, start, at, hash);
    this.#scratch[to] = code;
    return code < 0 ? -1 : at + 1;
  }

  /** Reads a number by JSON's grammar, as exactly the double that JSON.parse returns. */
  #number(bytes: Buffer, start: number, to: number): number {
    let at = start;
    let byte = bytes[at] as number;
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[++at] as number;
    const first = at;
    let digit = byte - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    let value = digit;
    byte = bytes[++at] as number;
    if (digit > 0)
      for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) {
        value = value * 10 + digit;
        byte = bytes[++at] as number;
      }
    let digits = at - first;
    let fraction = 0;
    if (byte === DOT) {
      const point = ++at;
      for (let four = 0, view = this.#view, last = bytes.length - 4; at <= last; at += 4) {
        four = digitsOf(view.getInt32(at, true));
        if (four < 0) break;
        value = value * 1e4 + four;
      }
      byte = bytes[at] as number;
      for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) {
        value = value * 10 + digit;
        byte = bytes[++at] as number;
      }
      if (at === point) return -1;
      fraction = at - point;
      digits += fraction;
    }
    if (byte === 0x65 || byte === 0x45) {
      byte = bytes[++at] as number;
      if (byte === MINUS || byte === PLUS) byte = bytes[++at] as number;
      const power = at;
      for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) byte = bytes[++at] as number;
      if (at === power) return -1;
      digits = MAX_DIGITS + 1;
    }
    if (digits > MAX_DIGITS) value = Number(bytes.toString("latin1", start, at));
    else {
      if (fraction > 0) value /= POWERS[fraction] as number;
      if (isNegative) value = -value;
    }
    this.#scratch[to] = value;
    return at;
  }

  #grow(size: number): void {
    const grown = new Float64Array(Math.max(size, this.#scratch.length * 2));
    grown.set(this.#scratch);
    this.#scratch = grown;
  }

  /** Builds the table. Columns of one type share an array, one after the other. */
  #table(rows: number): Table {
    const fields = this.#fields;
    const memory = new Map<FieldType, { data: NumberArray; used: number }>();
    const columns = fields.map((field, column): Column => {
      if (field.type === "string")
        return { kind: "text", codes: this.#codes(column, rows), dictionary: this.#texts.dictionary };
      let shared = memory.get(field.type);
      if (!shared) {
        const count = fields.reduce((sum, { type }) => (type === field.type ? sum + 1 : sum), 0);
        shared = { data: new (arrayOf(field.type as ArrayType))(rows * count), used: 0 };
        memory.set(field.type, shared);
      }
      const { data, used: offset } = shared;
      shared.used += rows;
      const missing = this.#numbers(data, offset, column, rows);
      return { kind: "number", data, offset, stride: 1, ...(missing && { missing }) };
    });
    return { fields, rows, columns };
  }

  #codes(column: number, rows: number): Int32Array {
    const codes = new Int32Array(rows);
    const width = this.#fields.length;
    for (let row = 0, at = column; row < rows; row++, at += width) {
      const code = this.#scratch[at] as number;
      codes[row] = Number.isNaN(code) ? -1 : code;
    }
    return codes;
  }

  /** Writes a column of numbers. Returns the mask of missing values if the column is nullable, except for floats, which mark them with NaN. */
  #numbers(data: NumberArray, offset: number, column: number, rows: number): Uint8Array | undefined {
    const { type, nullable } = this.#fields[column] as Field;
    const scratch = this.#scratch;
    const width = this.#fields.length;
    if (data instanceof Float32Array) {
      for (let row = 0, from = column; row < rows; row++, from += width) data[offset + row] = scratch[from] as number;
      return undefined;
    }
    const missing = nullable && !isFloatType(type) ? new Uint8Array(rows) : undefined;
    // Writes 32-bit halves, because each bigint would be an object (all platforms of the runtime are little-endian).
    const halves = data instanceof BigInt64Array ? new Int32Array(data.buffer) : undefined;
    const numbers = data as Float64Array;
    for (let row = 0, from = column, to = offset; row < rows; row++, from += width, to++) {
      const value = scratch[from] as number;
      if (missing && Number.isNaN(value)) missing[row] = 1;
      else if (halves) {
        halves[to * 2] = value % 2 ** 32;
        halves[to * 2 + 1] = Math.floor(value / 2 ** 32);
      } else numbers[to] = value;
    }
    return missing;
  }
}
