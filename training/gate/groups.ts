import { DECIMAL } from "../../data/cells.ts";
import { numbersOf } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import { instantText, microsOf } from "../../data/instant.ts";
import { insteadOf, listedNames } from "../../data/near-name.ts";
import type { ClassName } from "../../data/prediction.ts";
import { ClassMap } from "../../data/reader/class-map.ts";
import type { Column } from "../../data/table.ts";
import type { Snapshot } from "../snapshot.ts";
import { quantile } from "./statistics/quantile.ts";

export interface Group {
  /** Such as `f0 <= 0.5`. */
  readonly name: string;
  /** Indexes of its rows. */
  readonly rows: readonly number[];
  /** The policy lists it, so it exists even without rows: a range or a category. */
  readonly isListed?: true;
}

/** A column with more values is a measurement, not a grouping. */
export const MAX_GROUPS = 20;

export interface Grouping {
  readonly column: string;
  /** Dates as ISO 8601, for date columns. */
  readonly cuts?: readonly (number | string)[] | undefined;
  readonly quantiles?: number | undefined;
  readonly categories?: readonly ClassName[] | undefined;
}

export type GroupedRows = Pick<Snapshot, "path" | "table" | "unfit">;

/** A column and its name in messages. */
interface Grouped {
  readonly where: string;
  readonly field: Field;
  readonly column: Column;
  readonly rows: number;
}

/**
 * Groups the rows of a snapshot by a column: numbers and dates by cuts or quantiles, values of any type by value or by listed categories. Rows
 * without a value form a group of their own. Returns a string if that is impossible.
 */
export function groupsOf({ path, table, unfit }: GroupedRows, grouping: Grouping): Group[] | string {
  const { column: name, cuts, quantiles, categories } = grouping;
  const index = table.fields.findIndex((field) => field.name === name);
  const [field, column] = [table.fields[index], table.columns[index]];
  if (!field || !column)
    return (
      unfit.get(name) ??
      `${path} has no column ${listedNames([name])}: ${insteadOf(
        [name],
        table.fields.map((one) => one.name),
      )}`
    );
  if (valuesPerRow(field) > 1)
    return `column ${name} of ${path} has ${valuesPerRow(field)} values per row, but grouping needs one`;
  const grouped = { where: `column ${name} of ${path}`, field, column, rows: table.rows };
  if (categories) return byCategory(grouped, categories);
  if (!cuts && !quantiles) return byValue(grouped);
  if (column.kind === "text")
    return `${unfit.get(name) ?? `column ${name} of ${path} holds texts`}: cuts and quantiles require numbers or dates`;
  const values = numbersOf(field, column, table.rows);
  const edges = cuts ? cutsOf(grouped, cuts) : quantilesOf(values, quantiles ?? 1);
  return typeof edges === "string" ? edges : byRange(grouped, values, edges, cuts ? String : shortText(edges));
}

/** Sorted cuts. A string explains why one is not valid for this column. */
function cutsOf({ where, field }: Grouped, cuts: readonly (number | string)[]): number[] | string {
  const edges: number[] = [];
  for (const cut of cuts) {
    const edge = typeof cut === "number" ? cut : field.type === "datetime" ? microsOf(cut) : undefined;
    if (edge === undefined)
      return `the cut "${cut}" is not a ${field.type === "datetime" ? "date such as 2026-01-31" : "number"}: ${where} is of type ${field.type}`;
    edges.push(Number(edge));
  }
  return [...new Set(edges)].sort((a, b) => a - b);
}

function quantilesOf(values: Float64Array, count: number): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  return [...new Set(Array.from({ length: count - 1 }, (_, q) => quantile(sorted, (q + 1) / count)))];
}

/** Formats edges with four digits, or as many more as distinguish them. */
function shortText(edges: readonly number[]): (edge: number) => string {
  const short = (digits: number) => (edge: number) => String(Number(edge.toPrecision(digits)));
  for (let digits = 4; digits < 17; digits++)
    if (new Set(edges.map(short(digits))).size === edges.length) return short(digits);
  return String;
}

function byRange(
  { field, rows }: Grouped,
  values: Float64Array,
  edges: readonly number[],
  text: (edge: number) => string,
) {
  const edgeNames = edges.map((edge) =>
    field.type === "datetime" ? instantText(BigInt(Math.round(edge))) : text(edge),
  );
  const members = Array.from({ length: edges.length + 1 }, (): number[] => []);
  const missing: number[] = [];
  // A cut of 0.1 means the column's 0.1, which is larger as float32.
  const ends = [...numbersIn(field, edges)];
  for (let row = 0; row < rows; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) {
      missing.push(row);
      continue;
    }
    const above = ends.findIndex((end) => value <= end);
    members[above < 0 ? edges.length : above]?.push(row);
  }
  // A range outside the data has no rows but stays, so that the check reports it.
  return [
    ...members.map((of, group): Group => ({ name: rangeName(field.name, edgeNames, group), rows: of, isListed: true })),
    ...missingGroup(field, missing),
  ];
}

function rangeName(column: string, edges: readonly string[], group: number): string {
  const [from, to] = [edges[group - 1], edges[group]];
  if (from === undefined) return to === undefined ? `${column} has a value` : `${column} <= ${to}`;
  return to === undefined ? `${column} > ${from}` : `${from} < ${column} <= ${to}`;
}

const missingGroup = ({ name }: Field, rows: readonly number[] = []): Group[] =>
  rows.length === 0 ? [] : [{ name: `${name} is missing`, rows }];

function byValue(grouped: Grouped): Group[] | string {
  const { where, field, column, rows } = grouped;
  const valueAt = valueReader(grouped);
  const groups = new Map<Value | undefined, number[]>();
  for (let row = 0; row < rows; row++) {
    const value = valueAt(row);
    const found = groups.get(value);
    if (found) found.push(row);
    else groups.set(value, [row]);
    if (groups.size > MAX_GROUPS)
      return `${where} has more than ${MAX_GROUPS} values: ${column.kind === "text" ? "list some in categories, or group by another column" : "set cuts or quantiles"}`;
  }
  const missing = groups.get(undefined);
  groups.delete(undefined);
  return [
    ...[...groups]
      .sort(([a], [b]) => ((a as Value) < (b as Value) ? -1 : 1))
      .map(([value, members]) => ({ name: `${field.name} = ${textOf(field, value as Value)}`, rows: members })),
    ...missingGroup(field, missing),
  ];
}

/** One group per category, even without rows, and one for all other values. */
function byCategory(grouped: Grouped, categories: readonly ClassName[]): Group[] | string {
  const { where, field, rows } = grouped;
  const values = categories.map((category) => categoryOf(field, category));
  const wrong = values.indexOf(undefined);
  if (wrong >= 0)
    return `the category ${JSON.stringify(categories[wrong])} is not valid for ${where}, which is of type ${field.type}`;
  const map = new ClassMap(values as ClassName[]);
  const members = categories.map((): number[] => []);
  const [others, missing]: [number[], number[]] = [[], []];
  const valueAt = valueReader(grouped);
  for (let row = 0; row < rows; row++) {
    const value = valueAt(row);
    const code = value === undefined ? undefined : map.codeOf(textOf(field, value));
    (value === undefined ? missing : code === undefined ? others : (members[code] as number[])).push(row);
  }
  return [
    ...members.map((of, index): Group => ({ name: `${field.name} = ${categories[index]}`, rows: of, isListed: true })),
    ...(others.length > 0 ? [{ name: `${field.name} is another value`, rows: others }] : []),
    ...missingGroup(field, missing),
  ];
}

/** Converts a category to the column's type; undefined if the column cannot contain it. */
function categoryOf({ type }: Field, category: ClassName): ClassName | undefined {
  const text = String(category);
  if (type === "string") return text;
  if (type === "boolean") return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : undefined;
  if (type === "datetime") {
    const micros = microsOf(text);
    return micros === undefined ? undefined : instantText(micros);
  }
  if (!DECIMAL.test(text)) return undefined;
  const [held] = numbersIn({ type }, [Number(text)]);
  return type === "float32" || type === "float16" ? String(held) : text;
}

/** Converts a policy's numbers to the column's type. */
function numbersIn({ type }: Pick<Field, "type">, values: readonly number[]): ArrayLike<number> & Iterable<number> {
  if (type === "float32") return Float32Array.from(values);
  return type === "float16" ? Float16Array.from(values) : values;
}

type Value = string | number | bigint | boolean;

const textOf = ({ type }: Field, value: Value): string =>
  type === "datetime" ? instantText(BigInt(value)) : String(value);

/** Reads the value of a row; undefined if it is missing. */
function valueReader({ field, column, rows }: Grouped): (row: number) => Value | undefined {
  if (column.kind === "text")
    return (row) => (column.codes[row] === -1 ? undefined : column.dictionary[column.codes[row] as number]);
  const { data, offset, stride, missing } = column;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return (row) => (missing?.[row] === 1 ? undefined : data[offset + row * stride]);
  const values = numbersOf(field, column, rows);
  return (row) => {
    const value = values[row] as number;
    if (Number.isNaN(value)) return undefined;
    return field.type === "boolean" ? value === 1 : value;
  };
}
