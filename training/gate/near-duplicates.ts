import { numbersOf } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import type { Column, NumberColumn, Table } from "../../data/table.ts";
import { sharedRows } from "./shared-rows.ts";

/** Width of a cell in which numbers count as nearly equal, in standard deviations of their column in training. */
export const CELL = 1e-3;

/**
 * Says of each row of `evaluation` whether it nearly is a row of `training`: numbers in the same cell of a grid whose cells are CELL standard deviations
 * wide, all else equal. Two grids, half a cell apart, so that values on both sides of a cell's end are not missed. Equal rows are nearly equal as well.
 * Takes time in proportion to the rows.
 * @param evaluation columns of the model, in its order and types; `training` likewise
 * @param equal what sharedRows says of them, where that is known already
 */
export function nearDuplicates(
  evaluation: Table,
  training: Table,
  equal: Uint8Array = sharedRows(evaluation, training),
): Uint8Array {
  const flags = equal.slice();
  const grids = training.fields.map((field, place) => gridOf(field, training.columns[place] as Column, training.rows));
  for (const shift of [0, 0.5]) {
    const [ours, theirs] = [evaluation, training].map((table) => inCells(table, grids, shift)) as [Table, Table];
    for (const [row, isShared] of sharedRows(ours, theirs).entries()) if (isShared === 1) flags[row] = 1;
  }
  return flags;
}

/** Undefined for a column whose values are compared as they are. */
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
  const cells = fields.map((field, place) => {
    const column = columns[place] as Column;
    const grid = grids[place];
    if (!grid || column.kind === "text") return { field, column };
    const { mean, cell } = grid;
    const width = valuesPerRow(field);
    const data = new Int32Array(rows * width);
    // NaN, a missing value, becomes a number that no cell has: each stands for the other only.
    let at = 0;
    for (const value of valuesOf(field, column, rows))
      data[at++] = Number.isNaN(value) ? MISSING : Math.floor((value - mean) / cell + shift);
    const number: NumberColumn = { kind: "number", data, offset: 0, stride: width };
    return { field: { ...field, type: "int32" } as Field, column: number };
  });
  return { fields: cells.map(({ field }) => field), columns: cells.map(({ column }) => column), rows };
}

/** Two million standard deviations from the mean. */
const MISSING = -(2 ** 31);

/** All values, row by row; NaN where one is missing. */
function* valuesOf(field: Field, column: NumberColumn, rows: number): Generator<number> {
  const width = valuesPerRow(field);
  const { offset, stride, ...rest } = column;
  const parts = Array.from({ length: width }, (_, index) =>
    numbersOf(field, { ...rest, offset: offset + index, stride }, rows),
  );
  for (let row = 0; row < rows; row++) for (const part of parts) yield part[row] as number;
}
