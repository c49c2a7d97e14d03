import { numbersOf } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import type { Column, NumberColumn, Table } from "../../data/table.ts";
import { sharedRows } from "./shared-rows.ts";

/** Cell width within which numbers count as nearly equal, in standard deviations of the training column. */
export const CELL = 1e-3;

/**
 * Flags each row of `evaluation` that nearly equals a row of `training`: numbers in the same cell of a grid with cells CELL standard deviations
 * wide, all else equal. Uses two grids, half a cell apart, to catch values on both sides of a cell's border. Includes exact copies.
 * Runs in linear time.
 * @param evaluation the model's columns, in its order and types; `training` likewise
 * @param equal result of sharedRows, if known
 */
export function nearDuplicates(
  evaluation: Table,
  training: Table,
  equal: Uint8Array = sharedRows(evaluation, training),
): Uint8Array {
  const flags = equal.slice();
  const grids = training.fields.map((field, position) =>
    gridOf(field, training.columns[position] as Column, training.rows),
  );
  for (const shift of [0, 0.5]) {
    const [ours, theirs] = [evaluation, training].map((table) => inCells(table, grids, shift)) as [Table, Table];
    for (const [row, isShared] of sharedRows(ours, theirs).entries()) if (isShared === 1) flags[row] = 1;
  }
  return flags;
}

/** Undefined for a column whose values are compared exactly. */
type Grid = { readonly mean: number; readonly cell: number } | undefined;

function gridOf(field: Field, column: Column, rows: number): Grid {
  if (column.kind === "text" || field.type === "boolean") return undefined;
  let [count, mean, squares] = [0, 0, 0];
  for (const value of valuesOf(field, column, rows)) {
    if (!Number.isFinite(value)) continue;
    count++;
    const distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
  }
  const cell = CELL * Math.sqrt(squares / Math.max(1, count));
  return cell > 0 ? { mean, cell } : undefined;
}

function inCells({ fields, columns, rows }: Table, grids: readonly Grid[], shift: number): Table {
  const cells = fields.map((field, position) => {
    const column = columns[position] as Column;
    const grid = grids[position];
    if (!grid || column.kind === "text") return { field, column };
    const { mean, cell } = grid;
    const width = valuesPerRow(field);
    const data = new Int32Array(rows * width);
    // NaN, a missing value, maps to a number outside every cell, so that it only matches itself.
    let at = 0;
    for (const value of valuesOf(field, column, rows))
      data[at++] = Number.isNaN(value) ? MISSING : Math.floor((value - mean) / cell + shift);
    const number: NumberColumn = { kind: "number", data, offset: 0, stride: width };
    return { field: { ...field, type: "int32" } as Field, column: number };
  });
  return { fields: cells.map(({ field }) => field), columns: cells.map(({ column }) => column), rows };
}

/** Two million standard deviations below the mean. */
const MISSING = -(2 ** 31);

/** All values, row by row; NaN if one is missing. */
function* valuesOf(field: Field, column: NumberColumn, rows: number): Generator<number> {
  const width = valuesPerRow(field);
  const { offset, stride, ...rest } = column;
  const parts = Array.from({ length: width }, (_, index) =>
    numbersOf(field, { ...rest, offset: offset + index, stride }, rows),
  );
  for (let row = 0; row < rows; row++) for (const part of parts) yield part[row] as number;
}
