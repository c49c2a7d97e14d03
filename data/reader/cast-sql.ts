import type { Field, FieldType } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import { INTEGERS } from "./column-types.ts";

/** Integer types that fit in a DOUBLE, which is faster to parse. */
const SMALL = /^u?int(?:8|16|32)$/;

const HOURS = "([01][0-9]|2[0-3])";
/** The most common date format. All others are left to readCell, which is slower but authoritative. */
const PLAIN_DATETIME = `[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]${HOURS}:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?(Z|[+-]${HOURS}(:[0-5][0-9])?)?)?`;

/**
 * Returns SQL that converts a CSV column to a field's values; see QueryColumn. Cells that it cannot convert become NULL, and readCell checks them. It
 * must never accept a cell that readCell rejects, as DuckDB's own casts do with `1_000` or, for integers, with `1.5`.
 * @param column SQL name of the column
 * @param decimal decimal mark
 * @param hasGroups whether the rows contain a `_`: most files have none, and checking each cell takes a fifth of the time
 */
export function castText(type: FieldType, column: string, decimal: string, hasGroups: boolean): string {
  if (type === "string") return column;
  if (type === "boolean")
    return `CASE lower(trim(${column})) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
  // A cell without a zone is UTC. Cells that name a zone never reach the cast, because DuckDB would keep that zone for later cells.
  if (type === "datetime")
    return `epoch_us(TRY_CAST(CASE WHEN regexp_full_match(${column}, '${PLAIN_DATETIME}') AND NOT starts_with(${column}, '0000') THEN ${column} END AS TIMESTAMPTZ))`;
  // With a decimal comma, a point separates thousands, so 1.234 is not a fraction.
  const plain =
    decimal === "," ? `CASE WHEN NOT contains(${column}, '.') THEN replace(${column}, ',', '.') END` : column;
  const cast = `TRY_CAST(${plain} AS DOUBLE)`;
  const number = hasGroups ? `CASE WHEN NOT contains(${column}, '_') THEN ${cast} END` : cast;
  if (isFloatType(type)) return number;
  if (SMALL.test(type)) return wholeNumber(number, type);
  const digits = `trim(${plain})`;
  return `CASE WHEN regexp_full_match(${digits}, '[+-]?[0-9]+(\\.0*)?') THEN TRY_CAST(${digits} AS ${INTEGERS[type]}) END`;
}

/** Kind of a Parquet column. */
export type StoredKind = "number" | "text" | "time" | "other";

const NUMBERS = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BOOLEAN)$/;
/** Name for a type that DuckDB does not know; it would read whole numbers without a unit. */
export const DURATION = "DURATION";
/** Digits of the widest decimal type that DuckDB reads. */
export const MOST_DIGITS = 38;
/** Decimals of up to this many digits convert exactly: an integer that a double represents, divided by an exact power of ten. */
const EXACT_DIGITS = 15;

/** Returns the digits of a decimal type; undefined for any other type. */
const digitsOf = (stored: string): number | undefined => {
  const [, digits] = /^DECIMAL\((\d+),\d+\)$/.exec(stored) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

export function storedKind(stored: string): StoredKind {
  if (NUMBERS.test(stored) || (digitsOf(stored) ?? Number.POSITIVE_INFINITY) <= MOST_DIGITS) return "number";
  if (/^(?:VARCHAR|JSON|ENUM\(.*\)|UUID)$/.test(stored)) return "text";
  return /^(?:DATE|TIMESTAMP.*)$/.test(stored) ? "time" : "other";
}

/**
 * Returns SQL that converts a typed column to a field's values; undefined if its type cannot be converted.
 * @param stored DuckDB's name of the column's type
 */
export function castStored({ type }: Field, column: string, stored: string): string | undefined {
  const kind = storedKind(stored);
  if (type === "string") return kind === "other" ? undefined : textOf(column, stored);
  if (type === "datetime") return kind === "time" ? `epoch_us(CAST(${column} AS ${zoned(stored)}))` : undefined;
  if (kind !== "number") return undefined;
  if (isFloatType(type)) return `TRY_CAST(${beforeDouble(column, stored)} AS DOUBLE)`;
  if (type === "boolean")
    return stored === "BOOLEAN" ? column : `CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`;
  return /^(?:FLOAT|DOUBLE|DECIMAL)/.test(stored)
    ? wholeNumber(column, type)
    : `TRY_CAST(${column} AS ${INTEGERS[type]})`;
}

/** Converts a column to text. NaN stays a missing value, as in pandas. */
const textOf = (column: string, stored: string): string =>
  /^(?:FLOAT|DOUBLE)$/.test(stored)
    ? `CASE WHEN NOT isnan(${column}) THEN CAST(${column} AS VARCHAR) END`
    : `CAST(${column} AS VARCHAR)`;

/**
 * Converts wide decimals to text before they become doubles: DuckDB's direct cast rounds twice.
 * @param brackets of a list's type, such as `[]`
 */
export const beforeDouble = (column: string, stored: string, brackets = ""): string =>
  (digitsOf(stored) ?? 0) > EXACT_DIGITS ? `CAST(${column} AS VARCHAR${brackets})` : column;

/** Returns the remedy: how to store a column so that it can be read as the field's type. */
export function storeAs({ type }: Field, stored: string): string {
  const digits = digitsOf(stored) ?? 0;
  if (digits > MOST_DIGITS && type !== "string")
    return `decimals of more than ${MOST_DIGITS} digits are not supported. Store it as double or as decimal(${MOST_DIGITS}, …)`;
  if (stored === DURATION || stored === "INTERVAL")
    return "store the number that the model was trained on, such as seconds (pandas: .dt.total_seconds())";
  if (/^(?:STRUCT|MAP)\(/.test(stored)) return "store each of its values in its own column";
  if (stored.endsWith("]"))
    return "the model takes one value per row. Store each value in its own column, or log the model with the list's shape";
  if (type === "string") return "store it as strings (pandas: astype(str))";
  if (type === "datetime") return "store it as timestamps or dates (pandas: pd.to_datetime)";
  return type === "boolean" ? "store it as booleans, or as 0 and 1" : `store it as numbers (pandas: astype("${type}"))`;
}

const zoned = (stored: string) => (stored === "TIMESTAMP WITH TIME ZONE" ? stored : "TIMESTAMP");

const wholeNumber = (number: string, type: FieldType) =>
  `CASE WHEN ${number} = trunc(${number}) THEN TRY_CAST(${number} AS ${INTEGERS[type]}) END`;
