import { columnOf, type NumberTable } from "../column-of.ts";
import { BINS, binsOf, toFloat32 } from "./bins.ts";

/** Rows that later rows are compared with: features and label. */
export interface ReferenceRows extends NumberTable {
  readonly path: string;
  /** Of the file, lower-case hexadecimal. */
  readonly md5: string;
  readonly labels: ArrayLike<number>;
}

/** A reference column in its JSON form. */
export interface ColumnBins {
  readonly name: string;
  /** See Bins. Both are missing where a column's values were not all numbers. */
  readonly edges?: readonly number[];
  readonly shares?: readonly number[];
}

/** Distribution of a snapshot's columns; reveals no single row. */
export interface ReferenceBins {
  /** MD5 of the snapshot; undefined for bins given as a bare list of columns. */
  readonly md5?: string;
  readonly rows?: number;
  /** In the snapshot's order, label last: a model without column names takes the first ones. */
  readonly columns: readonly ColumnBins[];
}

/** Linux limits an environment variable to 128 KiB; a column takes about 400 bytes. */
export const MOST_BYTES = 120_000;

/** A bin's index is stored in one byte. */
const MOST_BINS = 256;

/** Builds the bins of a snapshot, as JSON. Throws an Error with the reason when it cannot. */
export function referenceBins(snapshot: ReferenceRows): string {
  const { path, md5, columns, rows } = snapshot;
  if (rows < BINS) throw new Error(`${path} has ${rows} rows: bins need at least ${BINS}`);
  const bins: ReferenceBins = {
    md5,
    rows,
    columns: [
      ...columns.map((name, column) => columnBins(name, columnOf(snapshot, column))),
      columnBins("label", Float64Array.from(snapshot.labels)),
    ],
  };
  const text = JSON.stringify(bins);
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw new Error(
      `${path} has ${columns.length} columns, whose bins take ${Buffer.byteLength(text)} bytes: an environment variable of the service holds at most ${MOST_BYTES}`,
    );
  return text;
}

/** DRIFT_REFERENCE holds the columns only: images of earlier releases read nothing else, and a rollback may start one. */
export const driftReferenceText = ({ columns }: ReferenceBins): string => JSON.stringify(columns);

/**
 * Reads bins: what referenceBins made, or a bare list of columns. Throws an Error that begins with what is wrong: `are not JSON`,
 * `of <column> must have …`.
 */
export function parseReferenceBins(text: string): ReferenceBins {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error("are not JSON", { cause });
  }
  const given = Array.isArray(parsed) ? { columns: parsed } : parsed;
  if (!isObject(given) || !Array.isArray(given.columns)) throw new Error("have no list of columns");
  const { md5, rows } = given;
  return {
    ...(typeof md5 === "string" && { md5 }),
    ...(typeof rows === "number" && { rows }),
    columns: given.columns.map(parseColumn),
  };
}

function parseColumn(column: unknown): ColumnBins {
  if (!isObject(column) || typeof column.name !== "string") throw new Error("have a column without a name");
  const { name, edges, shares } = column;
  if (edges === undefined && shares === undefined) return { name };
  if (!isList(edges) || !isList(shares) || shares.length !== edges.length + 1 || shares.length > MOST_BINS)
    throw new Error(`of ${name} must have edges, and one share more than edges: numbers, at most ${MOST_BINS} shares`);
  if (edges.some((edge, index) => index > 0 && edge <= (edges[index - 1] as number)))
    throw new Error(`of ${name} must have edges in ascending order`);
  return { name, edges, shares };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isList = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);

function columnBins(name: string, values: Float64Array): ColumnBins {
  const { edges, shares } = binsOf(toFloat32(values));
  return { name, edges: [...edges], shares: [...shares] };
}
