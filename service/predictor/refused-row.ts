import { sliceRows, type Table } from "../../data/table.ts";
import { RefusedValueError, RowError } from "./errors.ts";

/**
 * Finds the first row that the runtime refuses, by halves: at most as many runs as the rows have binary digits, and one.
 * @param run throws RefusedValueError for rows that it refuses
 * @returns the error itself where no row is refused alone
 */
export function refusedRow(error: RefusedValueError, table: Table, run: (part: Table) => void): Error {
  const isRefused = (start: number, rows: number) => {
    try {
      run(sliceRows(table, start, rows));
    } catch (inner) {
      if (inner instanceof RefusedValueError) return true;
      throw inner;
    }
    return false;
  };
  let [start, rows] = [0, table.rows];
  while (rows > 1) {
    const half = rows >> 1;
    if (isRefused(start, half)) rows = half;
    else {
      start += half;
      rows -= half;
    }
  }
  if (table.rows > 1 && !isRefused(start, 1)) return error;
  return new RowError(start, `row ${start} has a value that the model does not know${detail(error.message)}`);
}

/** The part of the runtime's words that is safe to pass on: numbers alone, and no names of its source or of the graph. */
function detail(message: string): string {
  const found =
    /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/.exec(message) ??
    /\((-?\d+)\) must be in \[(-?\d+), (\d+)\)/.exec(message);
  if (found) {
    const [text, index, from, to] = found;
    return `: index ${index} is outside of its table, which has ${from} to ${text.endsWith(")") ? Number(to) - 1 : to}`;
  }
  const index = /invalid index found, index = (-?\d+)/.exec(message)?.[1];
  if (index !== undefined) return `: index ${index} is outside of its table`;
  return /Unknown Category/.test(message) ? ": an unknown category" : "";
}
