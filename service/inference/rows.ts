import { ProblemError } from "../http/problem.ts";
import type { ModelSignature } from "../predictor/signature.ts";

/** The rows of a request. */
export interface Rows {
  /** Row-major, rows x signature.features. */
  readonly features: Float32Array;
  readonly rows: number;
  /** JSON pointer to a row as it was sent; to all of them where a row has no place of its own. */
  readonly pointerToRow: (row: number) => string;
}

/**
 * Takes rows out of a parsed list of lists, each number as float32. One plain loop: this runs for every number of every request.
 * Throws ProblemError: 422 with a JSON pointer to what is wrong, 413 for more rows than `maxRows` (as for a body that is too long, the way out is to send less at once).
 * @param pointer where the list stands in the body
 * @param order the model's column at each place of a row; without it, rows are in the model's order
 */
export function readRows(
  list: unknown,
  pointer: string,
  signature: ModelSignature,
  maxRows: number,
  order?: readonly number[],
): Rows {
  if (!Array.isArray(list)) throw invalid(pointer, `must be a list of rows, not ${kind(list)}`);
  const rows = countRows(list.length, pointer, maxRows);
  const width = signature.features;
  const features = new Float32Array(rows * width);
  for (let index = 0, start = 0; index < rows; index++, start += width) {
    const row: unknown = list[index];
    if (!Array.isArray(row))
      throw invalid(`${pointer}/${index}`, `must be a list of ${width} numbers, not ${kind(row)}`);
    if (row.length !== width)
      throw invalid(
        `${pointer}/${index}`,
        `must have ${width} numbers, as the model's signature says, not ${row.length}`,
      );
    for (let column = 0; column < width; column++) {
      const value: unknown = row[column];
      const place = order ? (order[column] as number) : column;
      // As float32, 1e300 is infinite. The type comes first: a string or null would have been converted silently.
      if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
        throw invalidNumber(`${pointer}/${index}/${column}`, place, value, signature);
      features[start + place] = value;
    }
  }
  return { features, rows, pointerToRow: (row) => `${pointer}/${row}` };
}

/** Checks a number of rows before anything is made for them. */
export function countRows(rows: number, pointer: string, maxRows: number): number {
  if (rows === 0) throw invalid(pointer, "must have at least one row");
  if (rows > maxRows)
    throw new ProblemError(
      413,
      `${rows} rows are more than the ${maxRows} that are taken at once: send fewer a request`,
      { pointer },
    );
  return rows;
}

/** Of a value that is no number or not finite as float32. */
export function invalidNumber(
  pointer: string,
  column: number,
  value: unknown,
  { columns }: ModelSignature,
): ProblemError {
  const named = columns?.[column];
  const what =
    typeof value === "number" ? "must be finite as float32 (up to 3.4e38)" : `must be a number, not ${kind(value)}`;
  return invalid(pointer, named === undefined ? what : `(${named}) ${what}`);
}

/** A 422. An empty pointer is the whole body. */
export const invalid = (pointer: string, what: string) =>
  new ProblemError(422, `${pointer || "the body"} ${what}`, { pointer });

/** One step of a JSON pointer (RFC 6901); cut short, since it is the caller's own text that is sent back. */
export const pointerTo = (key: string) => `/${key.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;

export const kind = (value: unknown) =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
