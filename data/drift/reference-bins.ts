import type { Truth } from "../prediction.ts";
import type { Table } from "../table.ts";
import { isBinned } from "./binned-values.ts";
import { type ColumnBins, columnBins, MIN_REFERENCE_ROWS } from "./binning.ts";

export type { ColumnBins } from "./binning.ts";

/** Reference rows that later rows are compared with. */
export interface ReferenceRows {
  readonly path: string;
  /** MD5 of the file, lower-case hexadecimal. */
  readonly md5: string;
  readonly rows: number;
  readonly table: Table;
  readonly truth?: Truth | undefined;
}

/** Distribution of a snapshot's columns. Reveals no individual row. */
export interface ReferenceBins {
  /** MD5 of the snapshot; undefined for bins given as a bare list of columns. */
  readonly md5?: string;
  readonly rows?: number;
  /** In the snapshot's order, with the label last, because a model without column names takes the first ones. */
  readonly columns: readonly ColumnBins[];
}

/** Linux limits an environment variable to 128 KiB; a column takes about 400 bytes. */
const MAX_BYTES = 120_000;

/** Maximum number of bins; more add no information. */
const MAX_BINS = 256;

/** Builds the bins of a snapshot, as JSON. @throws Error with the reason if it cannot */
export function referenceBins({ path, md5, rows, table, truth }: ReferenceRows): string {
  if (rows < MIN_REFERENCE_ROWS)
    throw new Error(`${path} has ${rows} rows: bins require at least ${MIN_REFERENCE_ROWS}`);
  const features = table.fields.map((field, index): ColumnBins => {
    const column = table.columns[index];
    return column && isBinned(field) ? columnBins(field, column, rows) : { name: field.name };
  });
  const bins: ReferenceBins = { md5, rows, columns: [...features, ...truthBins(truth, rows)] };
  const text = JSON.stringify(bins);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new Error(
      `${path} has ${features.length} columns, whose bins take ${Buffer.byteLength(text)} bytes: an environment variable of the service can hold at most ${MAX_BYTES}`,
    );
  return text;
}

/** Builds the bins of the label, or of a regression's targets. */
function truthBins(truth: Truth | undefined, rows: number): ColumnBins[] {
  if (!truth) return [];
  if (truth.kind === "values") {
    const { data, targets } = truth;
    return targets.map((name, offset) =>
      columnBins(
        { name, type: "float64", nullable: false },
        { kind: "number", data, offset, stride: targets.length },
        rows,
      ),
    );
  }
  const { classes, codes } = truth;
  const label = { name: "label", nullable: false } as const;
  if (!classes.every((one) => typeof one === "number"))
    return [columnBins({ ...label, type: "string" }, { kind: "text", codes, dictionary: classes.map(String) }, rows)];
  const data = Float64Array.from(codes, (code) => classes[code] ?? Number.NaN);
  return [columnBins({ ...label, type: "float64" }, { kind: "number", data, offset: 0, stride: 1 }, rows)];
}

/** Returns DRIFT_REFERENCE, which has only the columns: a rollback may start an image of an earlier release, which reads nothing else. */
export const driftReferenceText = ({ columns }: ReferenceBins): string => JSON.stringify(columns);

/**
 * Parses the output of referenceBins, or a bare list of columns.
 * @throws Error whose message completes "the bins …": `are not JSON`, `of <column> must have …`
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
  const { name, edges, shares, exact, categories, categoryShares, missing } = column;
  const rest: Pick<ColumnBins, "exact" | "missing"> = {
    ...(exact === true && { exact }),
    ...(missing !== undefined && { missing: parseShare(missing, name) }),
  };
  if (categories !== undefined || categoryShares !== undefined)
    return { name, ...parseCategories(name, categories, categoryShares), ...rest };
  if (edges === undefined && shares === undefined) return { name };
  if (!isList(edges) || !isList(shares) || shares.length !== edges.length + 1 || shares.length > MAX_BINS)
    throw new Error(`of ${name} must have numeric edges, and one more share than edges, at most ${MAX_BINS} shares`);
  if (edges.some((edge, index) => index > 0 && edge <= (edges[index - 1] as number)))
    throw new Error(`of ${name} must have edges in ascending order`);
  return { name, edges, shares, ...rest };
}

function parseCategories(name: string, categories: unknown, categoryShares: unknown) {
  const areCategories =
    Array.isArray(categories) && categories.every((one) => typeof one === "string" || typeof one === "boolean");
  if (!areCategories || !isList(categoryShares) || categoryShares.length !== categories.length + 1)
    throw new Error(`of ${name} must have string or boolean categories, and one more share than categories`);
  if (categoryShares.length > MAX_BINS || new Set(categories).size < categories.length)
    throw new Error(`of ${name} must have at most ${MAX_BINS - 1} categories, without duplicates`);
  return { categories: categories as readonly (string | boolean)[], categoryShares };
}

function parseShare(share: unknown, name: string): number {
  if (typeof share === "number" && share >= 0 && share <= 1) return share;
  throw new Error(`of ${name} must have a share of missing values between 0 and 1`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isList = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);
