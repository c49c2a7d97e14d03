import { readFile } from "node:fs/promises";
import type { ModelSignature } from "../predictor/signature.ts";
import type { DriftReference } from "./drift.ts";

const BINS = 10;

/**
 * Reads the rows that requests are compared with, from a snapshot (CSV of plain numbers, first line the column names; columns that the
 * model does not take, such as the label, are passed over). Throws Error that names the file and what is wrong.
 */
export async function readDriftReference(path: string, signature: ModelSignature): Promise<DriftReference> {
  const fail = (what: string, cause?: unknown) =>
    new Error(`DRIFT_REFERENCE ${path}: ${what}`, cause === undefined ? {} : { cause });
  const text = await readFile(path, "utf8").catch((cause) => {
    throw fail(cause.message, cause);
  });
  const [head = "", ...lines] = text.split(/\r?\n/).filter((line) => line !== "");
  const given = head.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const names = signature.columns ?? given.slice(0, signature.features);
  const places = names.map((name) => given.indexOf(name));
  const missing = names.filter((_, index) => (places[index] as number) < 0);
  if (missing.length > 0 || names.length !== signature.features)
    throw fail(`has the columns ${given.join(", ")}; the model takes ${names.join(", ")}`);
  if (lines.length < BINS) throw fail(`has ${lines.length} rows: at least ${BINS} are needed`);
  const columns = names.map(() => new Float64Array(lines.length));
  for (const [row, line] of lines.entries()) {
    const cells = line.split(",");
    for (const [index, place] of places.entries()) {
      const value = cells[place]?.trim() ? Number(cells[place]) : Number.NaN;
      if (!Number.isFinite(value)) throw fail(`line ${row + 2}, column ${names[index]}: not a finite number`);
      // As requests are binned: a column of tenths would seem to drift by its rounding.
      (columns[index] as Float64Array)[row] = Math.fround(value);
    }
  }
  return columns.map((values, index) => ({ name: names[index] as string, ...tenths(values) }));
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
