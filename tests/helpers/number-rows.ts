import { denseTable } from "../../data/table.ts";
import { labelledNumbers } from "../../training/labelled-numbers.ts";
import { loadSnapshot, type Snapshot } from "../../training/snapshot.ts";

/** A snapshot of numbers and labels 0 and 1, as plain arrays that a test may change. */
export interface NumberRows {
  readonly path: string;
  readonly md5: string;
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  readonly labels: Int32Array;
  readonly rows: number;
}

export const toSnapshot = ({ path, md5, columns, features, labels, rows }: NumberRows): Snapshot => ({
  path,
  md5,
  rows,
  unfit: new Map(),
  table: denseTable(
    columns.map((name) => ({ name, type: "float64", nullable: false })),
    features,
    rows,
  ),
  truth: { kind: "classes", classes: [0, 1], codes: labels },
});

export const numberRows = (snapshot: Snapshot): NumberRows => ({
  path: snapshot.path,
  md5: snapshot.md5,
  ...labelledNumbers(snapshot),
});

/** Reads a pinned file of numbers. */
export const loadNumbers = async (path: string, options: Parameters<typeof loadSnapshot>[1] = {}) =>
  numberRows(await loadSnapshot(path, options));
