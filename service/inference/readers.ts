import { kind } from "../predictor/errors.ts";
import { isRecord } from "../predictor/signature.ts";
import { readColumns, readRecords, readSplit } from "./named-rows.ts";
import { invalid, pointerTo, type Reading, type Rows, readRows } from "./rows.ts";

// Readers of all requests except lists of float32 rows. Loaded with the first such request, to keep startup fast.
export { readInferRequest } from "./open-inference.ts";
export { withOriginalDigits } from "./original-digits.ts";
export { isScannable, TypedRowScanner } from "./typed-row-scanner.ts";

/** Members that hold the rows; a body has exactly one of them. */
const FORMS = ["features", "instances", "inputs", "dataframe_split", "dataframe_records"] as const;
type Form = (typeof FORMS)[number];
const isForm = (key: string): key is Form => (FORMS as readonly string[]).includes(key);

/**
 * Extracts the rows from the parsed body of `/predict` or `/invocations`:
 * - `{"features": [[…], …]}`, `{"instances": …}` and `{"inputs": …}`: lists in the model's order, or the rows of a model's one multi-dimensional tensor
 * - `{"instances": [{…}, …]}` and `{"dataframe_records": [{…}, …]}`: one object of named columns per row
 * - `{"inputs": {"age": […], …}}`: one list per column
 * - `{"dataframe_split": {"columns": […], "data": [[…], …]}}`
 *
 * @throws ProblemError 422 with a JSON pointer to the fault, 413 for more rows than `maxRows`
 */
export function readBodyRows(body: unknown, reading: Reading): Rows {
  if (!isRecord(body)) throw invalid("", `must be an object {"features": [[…], …]}, not ${kind(body)}`);
  let form: Form | undefined;
  for (const key in body) {
    if (form === undefined && isForm(key)) form = key;
    // MLflow's clients may send empty params.
    else if (key !== "params" || !isRecord(body.params) || Object.keys(body.params).length > 0)
      throw invalid(pointerTo(key), `is not supported: send one of ${FORMS.join(", ")}`);
  }
  if (form === undefined) throw invalid("/features", "is missing");
  const value = body[form];
  const pointer = `/${form}`;
  if (form === "dataframe_split") return readSplit(value, pointer, reading);
  if (form === "inputs" && isRecord(value)) return readColumns(value, pointer, reading);
  if (form !== "features" && Array.isArray(value) && isRecord(value[0])) return readRecords(value, pointer, reading);
  return readRows(value, pointer, reading);
}
