import { readFile } from "node:fs/promises";
import type { ModelSignature } from "../predictor/signature.ts";
import type { DriftReference } from "./drift.ts";
import { log } from "./log.ts";

const BINS = 10;

/** Else it is a path. */
const areBins = (given: string) => given.startsWith("[");

/**
 * Reads what requests are compared with: a snapshot (path of a CSV of plain numbers, first line the column names; columns that the model does not
 * take, such as the label, are passed over), or the bins of one, as driftBins writes them. Throws Error that names the file and what is wrong.
 */
export async function readDriftReference(given: string, signature: ModelSignature): Promise<DriftReference> {
  if (areBins(given)) return readBins(given, signature);
  const fail = (what: string, cause?: unknown) =>
    new Error(`DRIFT_REFERENCE ${given}: ${what}`, cause === undefined ? {} : { cause });
  const text = await readFile(given, "utf8").catch((cause) => {
    throw fail(cause.message, cause);
  });
  const { names, lines } = readTable(text);
  const columns = wanted(names, signature, fail);
  if (lines.length < BINS) throw fail(`has ${lines.length} rows: at least ${BINS} are needed`);
  return columns.map((name) => {
    const { values, notFinite } = readColumn(lines, names.indexOf(name));
    if (notFinite !== undefined) throw fail(`line ${notFinite + 2}, column ${name}: not a finite number`);
    return { name, ...tenths(values) };
  });
}

/**
 * The same for a service that starts. Bins that do not fit its model leave it without drift, with a warning: they were not given for this
 * model by hand, as a path is.
 */
export async function driftReferenceOf(given: string, signature: ModelSignature): Promise<DriftReference | undefined> {
  try {
    return await readDriftReference(given, signature);
  } catch (error) {
    if (!areBins(given)) throw error;
    log("warn", "no drift is watched", { error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

/**
 * The bins of a snapshot's columns of numbers, as JSON: for a service that has no part of its machine's files. It says how the columns are spread, and
 * nothing of a single row. Undefined for fewer rows than there are bins.
 */
export function driftBins(csv: string): string | undefined {
  const { names, lines } = readTable(csv);
  if (lines.length < BINS) return undefined;
  const columns = names.map((name, place) => {
    const { values, notFinite } = readColumn(lines, place);
    // It keeps its place: a model that does not name its columns takes the first ones.
    if (notFinite !== undefined) return { name };
    const { edges, shares } = tenths(values);
    return { name, edges: [...edges], shares: [...shares] };
  });
  return JSON.stringify(columns);
}

function readBins(given: string, signature: ModelSignature): DriftReference {
  const fail = (what: string, cause?: unknown) =>
    new Error(`DRIFT_REFERENCE: the bins ${what}`, cause === undefined ? {} : { cause });
  let columns: { name: string; edges?: unknown; shares?: unknown }[];
  try {
    columns = JSON.parse(given);
  } catch (cause) {
    throw fail("are not JSON", cause);
  }
  const names = columns.map((column) => column?.name);
  return wanted(names, signature, fail).map((name) => {
    const { edges, shares } = columns[names.indexOf(name)] ?? {};
    if (!isList(edges) || !isList(shares) || shares.length !== edges.length + 1 || shares.length > MOST_BINS)
      throw fail(`of ${name} must have edges, and one share more than edges: not all of its values may be numbers`);
    return { name, edges: Float64Array.from(edges).sort(), shares: Float64Array.from(shares) };
  });
}

/** A bin's number is kept in a byte: drift.ts. */
const MOST_BINS = 256;
const isList = (list: unknown): list is number[] => Array.isArray(list) && list.every(Number.isFinite);

/** The model's columns; where it does not name them, the first ones. */
function wanted(given: readonly string[], { columns, features }: ModelSignature, fail: (what: string) => Error) {
  const names = columns ?? given.slice(0, features);
  if (names.length !== features || !names.every((name) => given.includes(name)))
    throw fail(`has the columns ${given.join(", ")}; the model takes ${names.join(", ")}`);
  return names;
}

function readTable(csv: string): { names: string[]; lines: string[][] } {
  const [head = "", ...lines] = csv.split(/\r?\n/).filter((line) => line !== "");
  const names = head.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  return { names, lines: lines.map((line) => line.split(",")) };
}

/** As requests are binned, as float32: a column of tenths would else seem to drift by its rounding. */
function readColumn(lines: readonly string[][], place: number): { values: Float64Array; notFinite?: number } {
  const values = Float64Array.from(lines, (cells) =>
    Math.fround(cells[place]?.trim() ? Number(cells[place]) : Number.NaN),
  );
  const notFinite = values.findIndex((value) => !Number.isFinite(value));
  return notFinite < 0 ? { values } : { values, notFinite };
}

/** Bins that hold a tenth of the rows each; fewer where values repeat. */
function tenths(values: Float64Array): { edges: Float64Array; shares: Float64Array } {
  const sorted = values.toSorted();
  const quantiles = Array.from(
    { length: BINS - 1 },
    (_, index) => sorted[Math.ceil(((index + 1) * sorted.length) / BINS) - 1] as number,
  );
  const inner = new Set(quantiles);
  const last = sorted[sorted.length - 1] as number;
  // What many rows have gets a bin of its own even if it is the largest value, such as the 1 of a yes-no column.
  if (inner.has(last)) inner.add(sorted.findLast((value) => value < last) ?? justBelow(last));
  const edges = Float64Array.from(inner).sort();
  const shares = new Float64Array(edges.length + 1);
  let from = 0;
  for (const [bin, edge] of edges.entries()) {
    let to = from;
    while (to < sorted.length && (sorted[to] as number) <= edge) to++;
    shares[bin] = (to - from) / sorted.length;
    from = to;
  }
  shares[edges.length] = (sorted.length - from) / sorted.length;
  return { edges, shares };
}

const justBelow = (value: number) => value - Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
