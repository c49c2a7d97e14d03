import { columnOf, type NumberTable } from "../column-of.ts";
import { BINS, binsOf, toFloat32 } from "./bins.ts";

/** Rows that later ones are compared with: their features, and the label beside. */
export interface ReferenceRows extends NumberTable {
  readonly path: string;
  /** Of the file, lower-case hexadecimal. */
  readonly md5: string;
  readonly labels: ArrayLike<number>;
}

/** A column of a reference as JSON has it. */
export interface ColumnBins {
  readonly name: string;
  /** See Bins. Both are missing where a column's values were not all numbers. */
  readonly edges?: readonly number[];
  readonly shares?: readonly number[];
}

/** How the columns of a snapshot are spread: says nothing of a single row. */
export interface ReferenceBins {
  /** Of the snapshot; undefined in bins that are given as a bare list of columns. */
  readonly md5?: string;
  readonly rows?: number;
  /** As the snapshot has them, the label last: a model that does not name its columns takes the first ones. */
  readonly columns: readonly ColumnBins[];
}

/** An environment variable holds 128 KiB on Linux; a column takes some 400 bytes. */
export const MOST_BYTES = 120_000;

/** A bin's number is kept in a byte. */
const MOST_BINS = 256;

/** Makes the bins of a snapshot, as JSON. Throws Error that says why there are none. */
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

/** DRIFT_REFERENCE: the columns alone. Images of earlier releases take nothing else, and a rollback may start one. */
export const driftReferenceText = ({ columns }: ReferenceBins): string => JSON.stringify(columns);

/**
 * Reads bins: what referenceBins made, or a bare list of columns. Throws Error that begins with what is wrong with them: `are not JSON`,
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
