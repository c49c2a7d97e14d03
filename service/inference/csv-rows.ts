import { DECIMAL, isMissingCell, readCell } from "../../data/cells.ts";
import type { Field } from "../../data/field.ts";
import { ProblemError } from "../http/problem.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import { orderOf, quotedName } from "./named-rows.ts";
import { absent, countRows, invalid, type Reading, type Rows } from "./rows.ts";
import { TableBuilder } from "./table-builder.ts";

/**
 * Reads CSV with a header (RFC 4180), which MLflow's clients send to `POST /invocations`. Columns match by name, in any order, or by position if the model
 * does not name its columns.
 * @throws ProblemError as readRows does; pointers give the row, from 0 after the header, and the column's index, and the message says both in words, from 1
 */
export function readCsvRows(text: string, reading: Reading): Rows {
  const { signature, maxRows } = reading;
  const { inputs, isNamed } = signature;
  if (inputs.some(({ shape }) => shape))
    throw new ProblemError(
      415,
      "the model takes multi-dimensional tensors, which CSV cannot represent: send application/json",
    );
  const lines = cells(text);
  const header = lines.next();
  if (header.done) throw invalid("", "must have a header and at least one row");
  requireCommas(header.value, signature);
  const order = columnNames(signature)
    ? orderOf(header.value, "/0", reading, inHeader)
    : inOrder(header.value.length, inputs.length);
  const rows: string[][] = [];
  for (const line of lines) {
    if (line.length !== order.length)
      throw refused([rows.length], `must have ${order.length} cells, like the header, not ${line.length}`);
    rows.push(line);
    if (rows.length > maxRows) countRows(rows.length, "", maxRows);
  }
  const builder = new TableBuilder(inputs, countRows(rows.length, "", maxRows));
  for (const [row, line] of rows.entries())
    for (const [column, fieldIndex] of order.entries()) {
      if (fieldIndex < 0) continue;
      const fault = builder.put(fieldIndex, row, cellValue(line[column] as string, inputs[fieldIndex] as Field));
      if (fault)
        throw refused([row, column], isNamed ? `(${inputs[fieldIndex]?.name}) ${fault.what}` : String(fault.what));
    }
  for (const fieldIndex of absent(order, inputs.length)) builder.leaveOut(fieldIndex);
  return { table: builder.table(), pointerToRow: (row) => `/${row}` };
}

/** Creates a 422 problem for a row, or for a cell of one. */
function refused([row, column]: readonly [row: number, column?: number], what: string): ProblemError {
  if (column === undefined) return invalid(`/${row}`, what, `row ${row + 1}`);
  return invalid(`/${row}/${column}`, what, `row ${row + 1}, column ${column + 1}`);
}

/** @throws ProblemError if the header is a single cell, because it uses another separator */
function requireCommas(header: readonly string[], signature: Signature): void {
  const [cell = "", ...more] = header;
  const [separator] = /[;\t|]/.exec(cell) ?? [];
  const isColumn = columnNames(signature)?.includes(cell) ?? signature.inputs.length === 1;
  if (separator === undefined || more.length > 0 || isColumn) return;
  const what = `is a single cell with ${JSON.stringify(separator)}: the separator must be a comma`;
  throw invalid("/0", what, inHeader());
}

/** Names a place of the header in words. */
const inHeader = (column?: string): string =>
  column === undefined ? "the header" : `column ${quotedName(column)} of the header`;

function inOrder(given: number, wanted: number): number[] {
  if (given !== wanted)
    throw invalid("/0", `must have ${wanted} columns, as in the model's signature, not ${given}`, inHeader());
  return Array.from({ length: wanted }, (_, index) => index);
}

/** Converts a cell to its JSON value. A cell that does not match the field's type stays a string, which is rejected later. */
function cellValue(cell: string, { type }: Field): unknown {
  if (type === "string") return cell === "" ? null : cell;
  const trimmed = cell.trim();
  if (isMissingCell(trimmed)) return null;
  // Parsed or rejected later, like the same string in JSON.
  if (type === "datetime") return trimmed;
  const value = readCell(type, trimmed);
  if (value !== undefined) return typeof value === "bigint" ? `${value}` : value;
  return DECIMAL.test(trimmed) && type !== "boolean" && !type.endsWith("64") ? Number(trimmed) : trimmed;
}

/** Yields lines of cells; skips blank lines. */
function* cells(text: string): Generator<string[], undefined> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line: string[] = [];
  while (at < text.length) {
    let cell: string;
    const isQuoted = text[at] === '"';
    if (isQuoted) [cell, at] = quoted(text, at + 1);
    else {
      const from = at;
      while (at < text.length && text[at] !== "," && text[at] !== "\n" && text[at] !== "\r") at++;
      cell = text.slice(from, at);
    }
    line.push(cell);
    if (text[at] === ",") {
      at++;
      if (at === text.length) line.push("");
      else if (text[at] !== "\n" && text[at] !== "\r") continue;
      else line.push("");
    }
    if (at < text.length && text[at] !== "\n" && text[at] !== "\r")
      throw new ProblemError(400, `the body is not CSV (position ${at}): a closing quote must end the cell`);
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    if (line.length > 1 || line[0] !== "" || isQuoted) yield line;
    line = [];
  }
  return undefined;
}

/** Returns a quoted cell and the position after its closing quote. */
function quoted(text: string, from: number): [cell: string, at: number] {
  let cell = "";
  let at = from;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new ProblemError(400, "the body is not CSV: a quoted cell has no closing quote");
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return [cell, end + 1];
    cell += '"';
    at = end + 2;
  }
}
