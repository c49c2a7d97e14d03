import { sliceRows, type Table } from "../../data/table.ts";
import { RefusedValueError, RowError } from "./errors.ts";

/**
 * Finds the first row that the runtime rejects, by bisection: log2(rows) + 1 runs at most.
 * @param run throws RefusedValueError for rows that it rejects
 * @returns the error itself if no single row is rejected on its own
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
  return new RowError(start, `row ${start} has a value that the model does not accept${detail(error.message)}`);
}

/** The part of the runtime's message that is safe to pass on: only numbers, no names from its source or the graph. */
function detail(message: string): string {
  const found =
    /idx=(-?\d+) must be within the inclusive range \[(-?\d+),(-?\d+)\]/.exec(message) ??
    /\((-?\d+)\) must be in \[(-?\d+), (\d+)\)/.exec(message);
  if (found) {
    const [text, index, from, to] = found;
    return `: index ${index} is outside its table's range ${from} to ${text.endsWith(")") ? Number(to) - 1 : to}`;
  }
  const index = /invalid index found, index = (-?\d+)/.exec(message)?.[1];
  if (index !== undefined) return `: index ${index} is out of range`;
  return /Unknown Category/.test(message) ? ": an unknown category" : "";
}
