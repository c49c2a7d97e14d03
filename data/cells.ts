import type { FieldType } from "./field.ts";
import { microsOf } from "./instant.ts";
import { isFloatType, rangeOf } from "./number-array.ts";

/** Decimal numbers only: Number() would also accept "", " ", "0x10" and "Infinity". */
export const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Strings that pandas' read_csv treats as missing. */
const MISSING = new Set([
  "",
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
]);

/** Whether a cell of a non-text column is a missing value. @param cell trimmed */
export const isMissingCell = (cell: string): boolean => MISSING.has(cell) || /^nan$/i.test(cell);

/**
 * Parses a CSV cell; undefined if it is not a value of the type. The gate and the service share this grammar; DuckDB reads a subset of it directly.
 * @param cell trimmed, with a decimal point
 * @returns a bigint for 64-bit integers and datetimes, which are microseconds since 1970-01-01T00:00:00Z; a float may be infinite
 */
export function readCell(type: Exclude<FieldType, "string">, cell: string): number | bigint | boolean | undefined {
  if (type === "boolean") return BOOLEANS.get(cell.toLowerCase());
  if (type === "datetime") return microsOf(cell);
  if (!DECIMAL.test(cell)) return undefined;
  if (isFloatType(type)) return Number(cell);
  const whole = wholeOf(cell);
  const [least, most] = rangeOf(type) ?? [0n, 0n];
  if (whole === undefined || whole < least || whole > most) return undefined;
  return type.endsWith("64") ? whole : Number(whole);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** Parses a whole number with all its digits. A number with an exponent or a fraction goes through a double, which is exact up to 2^53. */
function wholeOf(cell: string): bigint | undefined {
  const [, sign = "", digits] = /^([+-]?)0*(\d{1,20})(?:\.0*)?$/.exec(cell) ?? [];
  if (digits !== undefined) return BigInt(`${sign === "-" ? sign : ""}${digits}`);
  const value = Number(cell);
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}
