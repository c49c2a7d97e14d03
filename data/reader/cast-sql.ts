import type { Field, FieldType } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import { INTEGERS } from "./column-types.ts";

/** Integers of these fit a DOUBLE, which is the quicker way to them. */
const SMALL = /^u?int(?:8|16|32)$/;

const HOURS = "([01][0-9]|2[0-3])";
/** Dates as most files have them. Others are read by readCell, which takes longer, and decides. */
const PLAIN_DATETIME = `[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]${HOURS}:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?(Z|[+-]${HOURS}(:[0-5][0-9])?)?)?`;

/**
 * SQL that makes a field's values of a CSV column of texts; see AskedColumn. What it cannot make a value of is NULL, and is looked at again by readCell: it must
 * never make a value of what is none there, as DuckDB's own casts do of `1_000` or, for integers, of `1.5`.
 * @param column as SQL names it
 * @param decimal decimal mark
 * @param hasGroups whether a `_` stands anywhere in the rows: most files have none, and a look at each cell takes a fifth of the time
 */
export function castText(type: FieldType, column: string, decimal: string, hasGroups: boolean): string {
  if (type === "string") return column;
  if (type === "boolean")
    return `CASE lower(trim(${column})) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
  // A cell without a zone is UTC. DuckDB goes on in the zone that a cell names: one with letters never gets to the cast.
  if (type === "datetime")
    return `epoch_us(TRY_CAST(CASE WHEN regexp_full_match(${column}, '${PLAIN_DATETIME}') AND NOT starts_with(${column}, '0000') THEN ${column} END AS TIMESTAMPTZ))`;
  // With a decimal comma a point separates thousands: 1.234 is not what it seems.
  const plain =
    decimal === "," ? `CASE WHEN NOT contains(${column}, '.') THEN replace(${column}, ',', '.') END` : column;
  const cast = `TRY_CAST(${plain} AS DOUBLE)`;
  const number = hasGroups ? `CASE WHEN NOT contains(${column}, '_') THEN ${cast} END` : cast;
  if (isFloatType(type)) return number;
  if (SMALL.test(type)) return wholeNumber(number, type);
  const digits = `trim(${plain})`;
  return `CASE WHEN regexp_full_match(${digits}, '[+-]?[0-9]+(\\.0*)?') THEN TRY_CAST(${digits} AS ${INTEGERS[type]}) END`;
}

/** Kinds of Parquet columns. */
export type StoredKind = "number" | "text" | "time" | "other";

const NUMBERS = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|BOOLEAN)$/;

export function storedKind(stored: string): StoredKind {
  if (NUMBERS.test(stored)) return "number";
  if (/^(?:VARCHAR|ENUM\(.*\)|UUID)$/.test(stored)) return "text";
  return /^(?:DATE|TIMESTAMP.*)$/.test(stored) ? "time" : "other";
}

/**
 * SQL that makes a field's values of a column of another type; undefined where no value of it can be one of the field's.
 * @param stored type of the column as DuckDB names it
 */
export function castStored({ type }: Field, column: string, stored: string): string | undefined {
  const kind = storedKind(stored);
  if (type === "string") return kind === "other" ? undefined : `CAST(${column} AS VARCHAR)`;
  if (type === "datetime") return kind === "time" ? `epoch_us(CAST(${column} AS ${zoned(stored)}))` : undefined;
  if (kind !== "number") return undefined;
  if (isFloatType(type)) return `TRY_CAST(${column} AS DOUBLE)`;
  if (type === "boolean")
    return stored === "BOOLEAN" ? column : `CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`;
  return /^(?:FLOAT|DOUBLE|DECIMAL)/.test(stored)
    ? wholeNumber(column, type)
    : `TRY_CAST(${column} AS ${INTEGERS[type]})`;
}

const zoned = (stored: string) => (stored === "TIMESTAMP WITH TIME ZONE" ? stored : "TIMESTAMP");

const wholeNumber = (number: string, type: FieldType) =>
  `CASE WHEN ${number} = trunc(${number}) THEN TRY_CAST(${number} AS ${INTEGERS[type]}) END`;
