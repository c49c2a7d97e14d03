import type { Table } from "../../data/table.ts";
import { ProblemError } from "../http/problem.ts";
import { kind } from "../predictor/errors.ts";
import type { Signature } from "../predictor/signature.ts";
import { type Fault, TableBuilder } from "./table-builder.ts";

/** A request's rows. */
export interface Rows {
  readonly table: Table;
  /** JSON pointer to a row in the request; to all rows if the form has no pointer for one. */
  readonly pointerToRow: (row: number) => string;
}

/** Options for reading rows. */
export interface Reading {
  readonly signature: Signature;
  readonly maxRows: number;
}

/**
 * Reads rows from a parsed list: a list of values per row or, for a model with one multi-dimensional tensor, the tensor's row itself.
 * Throws ProblemError: 422 with a JSON pointer to the fault, 413 for more rows than `maxRows` (as for a body that is too long, the remedy is to send less at once).
 * @param pointer to the list in the body
 * @param order the model's field at each index of a row, -1 for a column to ignore; default: the model's order
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
      const place = order ? (order[column] as number) : column;
      const fault = place < 0 ? undefined : builder.put(place, index, row[column]);
      if (fault) throw faulty(`${pointer}/${index}/${column}`, fault, place, signature);
    }
  }
  if (order) for (const place of absent(order, inputs.length)) builder.leaveOut(place);
  return { table: builder.table(), pointerToRow: (row) => `${pointer}/${row}` };
}

/** Indexes that are not given. */
export const absent = (given: readonly number[], count: number): number[] =>
  given.length === count && !given.includes(-1)
    ? []
    : Array.from({ length: count }, (_, place) => place).filter((place) => !given.includes(place));

/** Term for a row's values. */
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
  place: number,
  { inputs, isNamed }: Signature,
): ProblemError {
  return invalid(pointer + at, isNamed ? `(${inputs[place]?.name}) ${what}` : what);
}

/** Creates a 422. An empty pointer stands for the whole body. */
export const invalid = (pointer: string, what: string) =>
  new ProblemError(422, `${pointer || "the body"} ${what}`, { pointer });

/** One step of a JSON pointer (RFC 6901); truncated, since it echoes the caller's own text. */
export const pointerTo = (key: string) => `/${key.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Lists the first names. */
export const listed = (names: readonly unknown[]) => names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
