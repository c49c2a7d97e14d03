import type { Table } from "../../data/table.ts";
import { ProblemError } from "../http/problem.ts";
import { kind } from "../predictor/errors.ts";
import type { Signature } from "../predictor/signature.ts";
import { type Fault, RoundedNumber, TableBuilder } from "./table-builder.ts";

/** A request's rows. */
export interface Rows {
  readonly table: Table;
  /** Returns the JSON pointer to a row in the request, or to all rows if the form has no pointer to a single row. */
  readonly pointerToRow: (row: number) => string;
}

/** How to read rows. */
export interface Reading {
  readonly signature: Signature;
  readonly maxRows: number;
}

/**
 * Reads rows from a parsed list: a list of values per row or, for a model with one multi-dimensional tensor, the tensor's row itself.
 * @param pointer to the list in the body
 * @param order index of the model's field for each column, -1 for a column to ignore; default: the model's order
 * @throws ProblemError 422 with a JSON pointer to the fault, 413 for more rows than `maxRows` (as for a body that is too long, the remedy is to send less
 * at once)
 */
export function readRows(list: unknown, pointer: string, reading: Reading, order?: readonly number[]): Rows {
  if (!Array.isArray(list)) throw invalid(pointer, `must be a list of rows, not ${kind(list)}`);
  const { signature, maxRows } = reading;
  const { inputs } = signature;
  const builder = new TableBuilder(inputs, countRows(list.length, pointer, maxRows));
  const isTensor = !order && inputs.length === 1 && inputs[0]?.shape !== undefined;
  const width = order?.length ?? inputs.length;
  for (let index = 0; index < builder.rows; index++) {
    const row: unknown = list[index];
    if (isTensor) {
      const fault = builder.put(0, index, row);
      if (fault) throw faulty(`${pointer}/${index}`, fault, 0, signature);
      continue;
    }
    if (!Array.isArray(row))
      throw invalid(`${pointer}/${index}`, `must be a list of ${width} ${valuesOf(signature)}, not ${kind(row)}`);
    if (row.length !== width)
      throw invalid(
        `${pointer}/${index}`,
        `must have ${width} ${valuesOf(signature)}, as in the model's signature, not ${row.length}`,
      );
    for (let column = 0; column < width; column++) {
      const fieldIndex = order ? (order[column] as number) : column;
      const fault = fieldIndex < 0 ? undefined : builder.put(fieldIndex, index, row[column]);
      if (fault) throw faulty(`${pointer}/${index}/${column}`, fault, fieldIndex, signature);
    }
  }
  if (order) for (const fieldIndex of absent(order, inputs.length)) builder.leaveOut(fieldIndex);
  return { table: builder.table(), pointerToRow: (row) => `${pointer}/${row}` };
}

/** Returns the indexes below `count` that are not given. */
export const absent = (given: readonly number[], count: number): number[] =>
  given.length === count && !given.includes(-1)
    ? []
    : Array.from({ length: count }, (_, fieldIndex) => fieldIndex).filter((fieldIndex) => !given.includes(fieldIndex));

/** Returns the word for a row's values in errors. */
const valuesOf = ({ inputs }: Signature) =>
  inputs.every(({ type, shape }) => !shape && /^(float|u?int)/.test(type)) ? "numbers" : "values";

/** Validates the number of rows before allocating memory for them. */
export function countRows(rows: number, pointer: string, maxRows: number): number {
  if (rows === 0) throw invalid(pointer, "must have at least one row");
  if (rows > maxRows)
    throw new ProblemError(413, `${rows} rows exceed the limit of ${maxRows} rows per request: send fewer at once`, {
      pointer,
    });
  return rows;
}

/** Creates the error for a value that its field does not accept. */
export function faulty(
  pointer: string,
  { at, what }: Fault,
  fieldIndex: number,
  { inputs, isNamed }: Signature,
): ProblemError {
  const place = pointer + at;
  const where = isNamed ? `${place || "the body"} (${inputs[fieldIndex]?.name})` : place || "the body";
  return what instanceof RoundedNumber ? new RoundedNumberError(place, where, what) : invalid(place, what, where);
}

/** The error about a number that JSON.parse has rounded. */
export class RoundedNumberError extends ProblemError {
  readonly #where: string;

  constructor(pointer: string, where: string, number: RoundedNumber, cause?: unknown) {
    super(422, `${where} ${number}`, { pointer, cause });
    this.#where = where;
  }

  /** Returns the same error with the digits that the caller sent. */
  withDigits(digits: string): RoundedNumberError {
    return new RoundedNumberError(this.pointer ?? "", this.#where, new RoundedNumber(digits), this);
  }
}

/** Creates a 422 problem. An empty pointer means the whole body. @param where the place in words, for bodies that are not JSON */
export const invalid = (pointer: string, what: string, where = pointer || "the body") =>
  new ProblemError(422, `${where} ${what}`, { pointer });

/** Returns one step of a JSON pointer (RFC 6901), truncated because it repeats the caller's text. */
export const pointerTo = (key: string) => `/${key.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Lists names in an error: the first 20. */
export const listed = (names: readonly unknown[]) => names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
