import { sliceRows, type Table } from "../../data/table.ts";
import { RejectedValueError, RowError } from "./errors.ts";

/**
 * Finds the first row that the runtime rejects, by bisection, in at most log2(rows) + 1 runs.
 * @param run throws RejectedValueError for rows that the runtime rejects
 * @returns a RowError, or the original error if no row is rejected on its own
 */
export function rejectedRow(error: RejectedValueError, table: Table, run: (part: Table) => void): Error {
  const isRejected = (start: number, rows: number) => {
    try {
      run(sliceRows(table, start, rows));
    } catch (inner) {
      if (inner instanceof RejectedValueError) return true;
      throw inner;
    }
    return false;
  };
  let [start, rows] = [0, table.rows];
  while (rows > 1) {
    const half = rows >> 1;
    if (isRejected(start, half)) rows = half;
    else {
      start += half;
      rows -= half;
    }
  }
  if (table.rows > 1 && !isRejected(start, 1)) return error;
  return new RowError(start, `row ${start} has a value that the model does not accept${detail(error.message)}`);
}

/** Extracts the part of the runtime's message that is safe for callers: numbers, but no names from its source or the graph. */
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
