import { numbersOf } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import type { Column } from "../../data/table.ts";
import type { Snapshot } from "../snapshot.ts";
import { quantile } from "./statistics/quantile.ts";

export interface Group {
  /** Such as `f0 <= 0.5`. */
  readonly name: string;
  /** Indices of its rows. */
  readonly rows: readonly number[];
}

/** More are no groups but measurements. */
export const MAX_GROUPS = 20;

interface Grouping {
  readonly column: string;
  readonly cuts?: readonly number[] | undefined;
  readonly quantiles?: number | undefined;
}

/**
 * Parts the rows of a snapshot by a column: numbers at cuts, at quantiles or by value, texts and booleans by value. Rows without a value are a group of
 * their own. A text says why that cannot be done.
 */
export function groupsOf(
  { path, table, unfit }: Pick<Snapshot, "path" | "table" | "unfit">,
  { column: name, cuts, quantiles }: Grouping,
): Group[] | string {
  const place = table.fields.findIndex((field) => field.name === name);
  const [field, column] = [table.fields[place], table.columns[place]];
  if (!field || !column)
    return unfit.get(name) ?? `${path} has no column ${name}: it has ${table.fields.map((one) => one.name).join(", ")}`;
  if (valuesPerRow(field) > 1)
    return `column ${name} of ${path} has ${valuesPerRow(field)} values a row: groups are made of one`;
  if (!cuts && !quantiles) return byValue(path, field, column, table.rows);
  if (column.kind === "text")
    return `${unfit.get(name) ?? `column ${name} of ${path} holds texts`}: cuts and quantiles are for numbers`;
  const values = numbersOf(field, column, table.rows);
  const missing = rowsWhere(table.rows, (row) => Number.isNaN(values[row]));
  const known = missing.length === 0 ? values : values.filter((value) => !Number.isNaN(value));
  const sorted = quantiles ? known.toSorted() : known;
  const edges = cuts
    ? cuts.toSorted((a, b) => a - b)
    : [
        ...new Set(
          Array.from({ length: (quantiles ?? 1) - 1 }, (_, q) => quantile(sorted, (q + 1) / (quantiles ?? 1))),
        ),
      ];
  const groups = Array.from({ length: edges.length + 1 }, (_, group) => ({
    name: nameOf(name, edges, group),
    rows: [] as number[],
  }));
  for (let row = 0; row < table.rows; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    const above = edges.findIndex((edge) => value <= edge);
    groups[above < 0 ? edges.length : above]?.rows.push(row);
  }
  // A cut outside the data makes a group of nobody: it stays, so that it is told as too small.
  return [...groups, ...(missing.length > 0 ? [{ name: `${name} is missing`, rows: missing }] : [])];
}

function nameOf(column: string, edges: readonly number[], group: number): string {
  const [from, to] = [edges[group - 1], edges[group]].map((edge) => edge && Number(edge.toPrecision(4)));
  if (from === undefined) return `${column} <= ${to}`;
  return to === undefined ? `${column} > ${from}` : `${from} < ${column} <= ${to}`;
}

const rowsWhere = (rows: number, holds: (row: number) => boolean): number[] =>
  Array.from({ length: rows }, (_, row) => row).filter(holds);

function byValue(path: string, field: Field, column: Column, rows: number): Group[] | string {
  const valueAt = valueReader(field, column, rows);
  const groups = new Map<string | number | bigint | boolean | undefined, number[]>();
  for (let row = 0; row < rows; row++) {
    const value = valueAt(row);
    const found = groups.get(value);
    if (found) found.push(row);
    else groups.set(value, [row]);
    if (groups.size > MAX_GROUPS)
      return `column ${field.name} of ${path} has more than ${MAX_GROUPS} values: ${column.kind === "text" ? "group by another column" : "say cuts or quantiles"}`;
  }
  return [...groups]
    .sort(([a], [b]) => (a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1))
    .map(([value, members]) => ({
      name: value === undefined ? `${field.name} is missing` : `${field.name} = ${value}`,
      rows: members,
    }));
}

/** The value of a row; undefined where it is missing. */
function valueReader(field: Field, column: Column, rows: number) {
  if (column.kind === "text")
    return (row: number) => (column.codes[row] === -1 ? undefined : column.dictionary[column.codes[row] as number]);
  const { data, offset, stride, missing } = column;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return (row: number) => (missing?.[row] === 1 ? undefined : data[offset + row * stride]);
  const values = numbersOf(field, column, rows);
  return (row: number) => {
    const value = values[row] as number;
    if (Number.isNaN(value)) return undefined;
    return field.type === "boolean" ? value === 1 : value;
  };
}
