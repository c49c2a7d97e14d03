import { numbersOf } from "../../data/column-values.ts";
import { isBinned } from "../../data/drift/binned-values.ts";
import { MOST_CATEGORIES } from "../../data/drift/categories.ts";
import type { Field } from "../../data/field.ts";
import type { Column, NumberColumn, Table, TextColumn } from "../../data/table.ts";

/** Clips standardized values: a single amount must not outweigh all others. */
const MOST_DEVIATIONS = 4;
/** Minimum rows of both snapshots for a category to have its own feature. */
const FEWEST_OF_CATEGORY = 10;

/** Numeric features of the rows of two snapshots, in which a linear model finds differences. */
export interface DomainFeatures {
  /** Row-major, rows x width. */
  readonly data: Float64Array;
  readonly width: number;
  /** The source column of each feature. */
  readonly columns: readonly string[];
}

/** A snapshot and the rows to use. */
export interface RowSelection {
  readonly table: Table;
  readonly rows: Uint32Array;
}

/**
 * Creates features from the columns of two snapshots: standardized numbers and dates, and their squares, which let a linear model detect a change in spread;
 * booleans as 0 and 1; the 20 most frequent texts one-hot; and an indicator of missing values. Drops features that are constant.
 */
export function domainFeatures(snapshots: readonly [RowSelection, RowSelection]): DomainFeatures {
  const [{ table }] = snapshots;
  const features = table.fields.flatMap((field, index) => {
    if (!isBinned(field)) return [];
    const columns = snapshots.map(({ table, rows }) => ({ column: table.columns[index] as Column, rows }));
    const made = columns.some(({ column }) => column.kind === "text")
      ? ofTexts(columns as OfSnapshot<TextColumn>[])
      : ofNumbers(field, columns as OfSnapshot<NumberColumn>[]);
    return made.filter((values) => values.some((value) => value !== values[0])).map((values) => ({ field, values }));
  });
  const rows = snapshots.reduce((sum, one) => sum + one.rows.length, 0);
  const width = features.length;
  const data = new Float64Array(rows * width);
  for (const [index, { values }] of features.entries())
    for (let row = 0; row < rows; row++) data[row * width + index] = values[row] as number;
  return { data, width, columns: features.map(({ field }) => field.name) };
}

interface OfSnapshot<Kind> {
  readonly column: Kind;
  readonly rows: Uint32Array;
}

function ofNumbers(field: Field, columns: readonly OfSnapshot<NumberColumn>[]): Float64Array[] {
  const values = joined(
    columns.map(({ column, rows }) => {
      const last = rows.reduce((most, row) => Math.max(most, row), -1);
      const all = numbersOf(field, column, last + 1);
      return Float64Array.from(rows, (row) => all[row] as number);
    }),
  );
  const present = values.filter(Number.isFinite);
  const mean = present.reduce((sum, value) => sum + value, 0) / Math.max(1, present.length);
  const spread = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, present.length));
  const standard = values.map((value) =>
    Number.isFinite(value) && spread > 0
      ? Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, (value - mean) / spread))
      : 0,
  );
  const isMissing = values.map((value) => Number(!Number.isFinite(value)));
  const isSpread = field.type !== "boolean" && new Set(present.subarray(0, 1_000)).size > 2;
  const squares = standard.map((value, row) => (isMissing[row] === 1 ? 0 : (value * value - 1) / 2));
  return [standard, ...(isSpread ? [squares] : []), isMissing];
}

function ofTexts(columns: readonly OfSnapshot<TextColumn>[]): Float64Array[] {
  const texts = columns.flatMap(({ column: { codes, dictionary }, rows }) =>
    Array.from(rows, (row) => dictionary[codes[row] as number]),
  );
  const counts = new Map<string | undefined, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const named = [...counts]
    .filter(([, count]) => count >= FEWEST_OF_CATEGORY)
    .sort(([a, first], [b, second]) => second - first || (String(a) < String(b) ? -1 : 1))
    .slice(0, MOST_CATEGORIES + 1);
  return named.map(([category]) => Float64Array.from(texts, (text) => Number(text === category)));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
