import type { Field, FieldType } from "../field.ts";
import { isFloatType } from "../number-array.ts";
import { INTEGERS } from "./column-types.ts";

/** Integers of these types fit a DOUBLE, which is faster to parse. */
const SMALL = /^u?int(?:8|16|32)$/;

const HOURS = "([01][0-9]|2[0-3])";
/** The most common format of dates. readCell, which is slower and authoritative, reads all others. */
const PLAIN_DATETIME = `[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]${HOURS}:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?(Z|[+-]${HOURS}(:[0-5][0-9])?)?)?`;

/**
 * Returns SQL that converts a CSV column of texts to a field's values; see AskedColumn. Cells that it cannot convert become NULL and are checked by readCell. It must
 * never accept a cell that readCell rejects, as DuckDB's own casts do with `1_000` or, for integers, with `1.5`.
 * @param column SQL name of the column
 * @param decimal decimal mark
 * @param hasGroups whether the rows contain a `_`: most files have none, and checking each cell takes a fifth of the time
 */
export function castText(type: FieldType, column: string, decimal: string, hasGroups: boolean): string {
  if (type === "string") return column;
  if (type === "boolean")
    return `CASE lower(trim(${column})) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END`;
  // A cell without a zone is UTC. DuckDB keeps using a zone that a cell names, so cells with letters never reach the cast.
  if (type === "datetime")
    return `epoch_us(TRY_CAST(CASE WHEN regexp_full_match(${column}, '${PLAIN_DATETIME}') AND NOT starts_with(${column}, '0000') THEN ${column} END AS TIMESTAMPTZ))`;
  // With a decimal comma, a point separates thousands: 1.234 is not what it seems.
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
 * Returns SQL that converts a column of another type to a field's values; undefined if none of its values can be converted.
 * @param stored DuckDB's name of the column's type
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
