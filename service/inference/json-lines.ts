import { parseText } from "../http/body.ts";
import { ProblemError } from "../http/problem.ts";
import { isRecord } from "../predictor/signature.ts";
import { readRecords } from "./named-rows.ts";
import { type Reading, type Rows, readRows } from "./rows.ts";

/**
 * Reads JSON Lines (https://jsonlines.org): one row per line. All rows are objects of named columns or lists in the model's order, like the first row.
 * Skips blank lines.
 * @throws ProblemError 400 for a line that is not JSON; otherwise as readRows does, with the line in words and a pointer that gives the row, from 0
 */
export function readJsonLines(text: string, reading: Reading): Rows {
  const takesNaN = reading.signature.inputs.some(({ nullable }) => nullable);
  const rows: unknown[] = [];
  const numbers: number[] = [];
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split("\n")
    .entries()) {
    if (line.trim() === "") continue;
    rows.push(parseLine(line, index + 1, takesNaN));
    numbers.push(index + 1);
  }
  try {
    return isRecord(rows[0]) ? readRecords(rows, "", reading) : readRows(rows, "", reading);
  } catch (cause) {
    throw cause instanceof ProblemError ? atLine(cause, numbers) : cause;
  }
}

/** Replaces the row's pointer at the start of an error's text with its line: blank lines count. */
function atLine(error: ProblemError, numbers: readonly number[]): ProblemError {
  const { status, message, pointer = "", cause } = error;
  const [, row, rest = ""] = /^\/(\d+)(.*)$/s.exec(pointer) ?? [];
  if (row === undefined || !message.startsWith(pointer)) return error;
  const detail = `line ${numbers[Number(row)]}${rest && `, ${rest}`}${message.slice(pointer.length)}`;
  return new ProblemError(status, detail, { pointer, cause });
}

function parseLine(line: string, number: number, takesNaN: boolean): unknown {
  try {
    return parseText(line, takesNaN);
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause;
    throw new ProblemError(cause.status, `line ${number}: ${cause.message}`, { cause });
  }
}
