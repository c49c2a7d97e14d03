import type { ModelSignature } from "./predictor/signature.ts";
import { ProblemError } from "./problem.ts";

/** The rows of a request. */
export interface Rows {
  /** Row-major, rows x signature.features. */
  readonly features: Float32Array;
  readonly rows: number;
}

/**
 * Takes the rows out of a parsed `{"features": [[…], …]}`, each number as float32. One plain loop: this runs for every number of
 * every request. Throws ProblemError: 422 with a JSON pointer to what is wrong, 413 for more rows than `maxRows` (as for a body that
 * is too long, the way out is to send less at once).
 */
export function readFeatures(body: unknown, signature: ModelSignature, maxRows: number): Rows {
  const list = featuresOf(body);
  const rows = list.length;
  if (rows === 0) throw invalid("/features", "must have at least one row");
  if (rows > maxRows)
    throw new ProblemError(
      413,
      `${rows} rows are more than the ${maxRows} that are taken at once: send fewer a request`,
      {
        pointer: "/features",
      },
    );
  const width = signature.features;
  const features = new Float32Array(rows * width);
  let next = 0;
  for (let index = 0; index < rows; index++) {
    const row = list[index];
    if (!Array.isArray(row))
      throw invalid(`/features/${index}`, `must be a list of ${width} numbers, not ${kind(row)}`);
    if (row.length !== width)
      throw invalid(
        `/features/${index}`,
        `must have ${width} numbers, as the model's signature says, not ${row.length}`,
      );
    for (let column = 0; column < width; column++) {
      const value = row[column];
      features[next] = value;
      // As float32, 1e300 is infinite. The type comes first: a string or null would have been converted silently.
      if (typeof value !== "number" || !Number.isFinite(features[next]))
        throw invalidNumber(index, column, value, signature);
      next++;
    }
  }
  return { features, rows };
}

function featuresOf(body: unknown): readonly unknown[] {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw invalid("", `must be an object {"features": [[…], …]}, not ${kind(body)}`);
  for (const key in body)
    if (key !== "features") throw invalid(pointerTo(key), "is not known: the only member is features");
  const { features } = body as { features?: unknown };
  if (features === undefined) throw invalid("/features", "is missing");
  if (!Array.isArray(features)) throw invalid("/features", `must be a list of rows, not ${kind(features)}`);
  return features;
}

function invalidNumber(row: number, column: number, value: unknown, { columns }: ModelSignature): ProblemError {
  const named = columns?.[column];
  const what =
    typeof value === "number" ? "must be finite as float32 (up to 3.4e38)" : `must be a number, not ${kind(value)}`;
  return invalid(`/features/${row}/${column}`, named === undefined ? what : `(${named}) ${what}`);
}

/** An empty pointer is the whole body. */
const invalid = (pointer: string, what: string) =>
  new ProblemError(422, `${pointer || "the body"} ${what}`, { pointer });

/** RFC 6901; cut short, since it is the caller's own text that is sent back. */
const pointerTo = (key: string) => `/${key.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1")}`;

const kind = (value: unknown) =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "a list"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`;
