import type { Snapshot } from "../snapshot.ts";
import { quantile } from "./statistics/bootstrap.ts";

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

/** Parts the rows of a snapshot by a column: at cuts, at quantiles, or by value. A text says why that cannot be done. */
export function groupsOf(
  { path, columns, features, rows, unfit }: Snapshot,
  { column, cuts, quantiles }: Grouping,
): Group[] | string {
  const index = columns.indexOf(column);
  const why = unfit?.get(column);
  if (why !== undefined) return `${why}: groups are made of numbers`;
  if (index < 0) return `${path} has no column ${column}: it has ${columns.join(", ")}`;
  const values = Float64Array.from({ length: rows }, (_, row) => features[row * columns.length + index] as number);
  if (!cuts && !quantiles) return byValue(path, column, values);
  const sorted = quantiles ? values.toSorted() : values;
  const edges = cuts
    ? cuts.toSorted((a, b) => a - b)
    : [
        ...new Set(
          Array.from({ length: (quantiles ?? 1) - 1 }, (_, q) => quantile(sorted, (q + 1) / (quantiles ?? 1))),
        ),
      ];
  const groups = Array.from({ length: edges.length + 1 }, (_, group) => ({
    name: nameOf(column, edges, group),
    rows: [] as number[],
  }));
  for (let row = 0; row < rows; row++) {
    const above = edges.findIndex((edge) => (values[row] as number) <= edge);
    groups[above < 0 ? edges.length : above]?.rows.push(row);
  }
  // A cut outside the data makes a group of nobody: it stays, so that it is told as too small.
  return groups;
}

function nameOf(column: string, edges: readonly number[], group: number): string {
  const [from, to] = [edges[group - 1], edges[group]].map((edge) => edge && Number(edge.toPrecision(4)));
  if (from === undefined) return `${column} <= ${to}`;
  return to === undefined ? `${column} > ${from}` : `${from} < ${column} <= ${to}`;
}

function byValue(path: string, column: string, values: Float64Array): Group[] | string {
  const groups = new Map<number, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = groups.get(value);
    if (rows) rows.push(row);
    else groups.set(value, [row]);
    if (groups.size > MAX_GROUPS)
      return `column ${column} of ${path} has more than ${MAX_GROUPS} values: say cuts or quantiles`;
  }
  return [...groups].sort(([a], [b]) => a - b).map(([value, rows]) => ({ name: `${column} = ${value}`, rows }));
}
