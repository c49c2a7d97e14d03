import { type ColumnRules, type DataContract, microsecondsOf } from "../../../data/contract/data-contract.ts";
import { isBinned, presentNumbers } from "../../../data/drift/binned-values.ts";
import { countCategories, FEWEST_ROWS_NAMED, MOST_CATEGORIES } from "../../../data/drift/categories.ts";
import type { Field } from "../../../data/field.ts";
import type { Column, Table, TextColumn } from "../../../data/table.ts";
import { wilson } from "../statistics/proportion.ts";

interface LearnedColumn {
  readonly name: string;
  readonly rules: ColumnRules;
  /** What was observed, and why a rule is absent. */
  readonly seen: string;
}

export interface LearnedContract {
  readonly rows: { readonly min: number; readonly max: number };
  readonly columns: readonly LearnedColumn[];
}

/** Multiple of the distance from the median to an end of the observed range, added at that end. A skewed column gets a wider margin on its tail's side. */
export const MARGIN = 2;
/** Other snapshots may have up to this many times fewer or more rows. */
const ROWS_FACTOR = 10;

/**
 * Learns rules for a snapshot's columns, with margins for what another snapshot of the same source may contain:
 * - Ranges extend further from the median by `margin` times the distance to the observed end, but do not change sign. A column with a single value gets no range.
 * - The allowed share of missing values is the upper end of its 99.9 % interval, at least twice the observed share, and 0 if none is missing.
 * - Categories are listed if each has at least 5 rows. A rarer text may be a person's name, and suggests that others exist.
 * - Integers and texts without duplicates are unique.
 */
export function learnContract(table: Table, margin = MARGIN): LearnedContract {
  const { fields, columns, rows } = table;
  return {
    rows: { min: Math.max(1, Math.floor(rows / ROWS_FACTOR)), max: rows * ROWS_FACTOR },
    columns: fields.flatMap((field, index) =>
      isBinned(field) ? [{ name: field.name, ...learnColumn(field, columns[index] as Column, rows, margin) }] : [],
    ),
  };
}

/** Returns the contract without the observed values. */
export const contractOf = ({ rows, columns }: LearnedContract): DataContract => ({
  rows,
  columns: Object.fromEntries(columns.map(({ name, rules }) => [name, rules])),
});

type Learned = Omit<LearnedColumn, "name">;

function learnColumn(field: Field, column: Column, rows: number, margin: number): Learned {
  if (column.kind === "text") return learnTexts(column, rows);
  const { values, missing } = presentNumbers(column, field, rows);
  const share = { missing: allowedMissing(missing, rows) };
  if (field.type === "datetime") return { rules: { type: "date", ...share }, seen: "date ranges are not learned" };
  if (field.type === "boolean") return { rules: { type: "boolean", ...share }, seen: "" };
  if (values.length === 0) return { rules: { type: "number", missing: 1 }, seen: "no value" };
  const isWhole = values.every(Number.isInteger);
  const distinct = new Set(values);
  const type = isWhole ? "integer" : "number";
  const sorted = values.toSorted();
  const [low, high] = [sorted[0] as number, sorted.at(-1) as number];
  if (isWhole && distinct.size === 2) return { rules: { type, ...share, categories: [low, high] }, seen: "two values" };
  if (isWhole && isKey(distinct.size, rows, missing))
    return { rules: { type, ...share, unique: true }, seen: `unique values, ${low} to ${high}` };
  // Otherwise, a flag that is not set yet would violate the contract once it is set.
  if (low === high)
    return { rules: { type, ...share }, seen: `${short(low)} in all rows: no range is learned from a single value` };
  const median = sorted[sorted.length >> 1] as number;
  const [min, max] = widened([low, median, high], margin);
  return { rules: { type, ...share, min, max }, seen: `${short(low)} to ${short(high)}` };
}

/** Formats a number with five digits. */
const short = (value: number): string => String(Number(value.toPrecision(5)));

function learnTexts(column: TextColumn, rows: number): Learned {
  const { codes, dictionary } = column;
  const used = new Set(codes);
  used.delete(-1);
  const texts = [...used].map((code) => dictionary[code] as string);
  const { categories, counts, missing } = countCategories(column, rows);
  const share = { missing: allowedMissing(missing, rows) };
  if (texts.length > 0 && texts.every((text) => /^(?:true|false)$/i.test(text)))
    return { rules: { type: "boolean", ...share }, seen: "" };
  if (texts.length > 0 && texts.every((text) => microsecondsOf(text.trim()) !== undefined))
    return { rules: { type: "date", ...share }, seen: "date ranges are not learned" };
  if (isKey(texts.length, rows, missing))
    return { rules: { type: "text", ...share, unique: true }, seen: "unique texts" };
  const others = counts.at(-1) as number;
  if (others > 0)
    return {
      rules: { type: "text", ...share },
      seen: `${texts.length} distinct texts, of which ${texts.length - categories.length} have fewer than ${FEWEST_ROWS_NAMED} rows or exceed the limit of ${MOST_CATEGORIES}: categories are not listed`,
    };
  const listed = categories.map(String).sort();
  return { rules: { type: "text", ...share, ...(listed.length > 0 && { categories: listed }) }, seen: "" };
}

/** Returns whether a column looks like a key, with enough rows to rule out chance. */
const isKey = (distinct: number, rows: number, missing: number) => missing === 0 && rows >= 20 && distinct === rows;

/** Returns the allowed share of missing values. */
function allowedMissing(missing: number, rows: number): number {
  if (missing === 0) return 0;
  const [, upper] = wilson(missing, rows, 0.999);
  return Math.min(1, Math.ceil(Math.max(upper, (2 * missing) / rows) * 100) / 100);
}

/** Widens the range, and rounds its ends outward to two digits of its width. */
function widened([low, median, high]: readonly [number, number, number], margin: number): [number, number] {
  const width = high - low;
  const step = 10 ** (Math.floor(Math.log10(width)) - 1);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const rounded = (steps: number) => Number((steps * step).toFixed(Math.min(100, places)));
  // The range also gets a margin at an end that most values equal.
  const marginFor = (distance: number) => margin * Math.max(distance, width / 4);
  const [from, to] = [low - marginFor(median - low), high + marginFor(high - median)];
  const min = rounded(Math.floor(from / step));
  const max = rounded(Math.ceil(to / step));
  // A length or an amount does not become negative.
  return [low >= 0 ? Math.max(0, min) : min, high <= 0 ? Math.min(0, max) : max];
}
