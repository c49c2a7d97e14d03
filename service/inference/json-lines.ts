import { parseText } from "../http/body.ts";
import { ProblemError } from "../http/problem.ts";
import { isRecord } from "../predictor/signature.ts";
import { readRecords } from "./named-rows.ts";
import { digitsAt } from "./original-digits.ts";
import { countRows, type Reading, RoundedNumberError, type Rows, readRows } from "./rows.ts";

/**
 * Reads JSON Lines (https://jsonlines.org): one row per line. All rows are objects of named columns or lists in the model's order, like the first row.
 * Skips blank lines.
 * @throws ProblemError 400 for a line that is not JSON; otherwise as readRows does, with the line in words and a pointer that gives the row, from 0
 */
export function readJsonLines(text: string, reading: Reading): Rows {
  const takesNaN = reading.signature.inputs.some(({ nullable }) => nullable);
  const lines = text.replace(/^\ufeff/, "").split("\n");
  const numbers = lines.flatMap((line, index) => (line.trim() === "" ? [] : index + 1));
  // Before parsing: millions of short lines would block the process for seconds.
  countRows(numbers.length, "", reading.maxRows);
  const rows = numbers.map((number) => parseLine(lines[number - 1] ?? "", number, takesNaN));
  try {
    return isRecord(rows[0]) ? readRecords(rows, "", reading) : readRows(rows, "", reading);
  } catch (cause) {
    throw cause instanceof ProblemError ? atLine(cause, numbers, lines) : cause;
  }
}

/** Replaces the row's pointer at the start of an error's text with its line: blank lines count. */
function atLine(error: ProblemError, numbers: readonly number[], lines: readonly string[]): ProblemError {
  const { status, pointer = "", cause } = error;
  const [, row, rest = ""] = /^\/(\d+)(.*)$/s.exec(pointer) ?? [];
  if (row === undefined || !error.message.startsWith(pointer)) return error;
  const number = numbers[Number(row)] ?? 0;
  // JSON.parse has rounded the number, so its digits are read from the line.
  const digits = error instanceof RoundedNumberError && digitsAt(lines[number - 1] ?? "", rest);
  const { message } = digits ? error.withDigits(digits) : error;
  const detail = `line ${number}${rest && `, ${rest}`}${message.slice(pointer.length)}`;
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
