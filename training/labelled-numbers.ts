import { denseData, type NumberColumn, pickColumns, type Table } from "../data/table.ts";
import { type BinaryClasses, binaryLabels } from "./binary-labels.ts";
import type { Snapshot } from "./snapshot.ts";

/** A snapshot in the built-in trainer's format: numbers, and a label with two classes. */
export interface LabelledNumbers {
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  /** 1 for the positive class, 0 for the other; one per row. */
  readonly labels: Int32Array;
  readonly rows: number;
  readonly classes?: BinaryClasses;
}

/**
 * Selects the columns of a snapshot and converts its label to 0 and 1.
 * @param snapshot with all columns read as numbers
 * @param columns to select, in this order; default: all
 * @throws Error if the label does not have two classes
 */
export function labelledNumbers(snapshot: Snapshot, columns?: readonly string[]): LabelledNumbers {
  const table = columns ? pickColumns(snapshot.table, columns) : snapshot.table;
  return {
    columns: table.fields.map(({ name }) => name),
    features: rowMajor(table),
    rows: table.rows,
    ...binaryLabels(snapshot),
  };
}

/** Returns the values row by row; a table that contains only doubles is not copied. */
function rowMajor(table: Table): Float64Array {
  const dense = denseData(table);
  if (dense instanceof Float64Array) return dense;
  const width = table.columns.length;
  const features = new Float64Array(table.rows * width);
  for (const [index, { data, offset, stride }] of (table.columns as readonly NumberColumn[]).entries())
    for (let row = 0; row < table.rows; row++) features[row * width + index] = Number(data[offset + row * stride]);
  return features;
}
