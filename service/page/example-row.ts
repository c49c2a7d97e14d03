import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { exampleValue } from "../../data/field.ts";
import { TableBuilder } from "../inference/table-builder.ts";
import { columnNames, type Signature } from "../predictor/signature.ts";
import type { NumberRange } from "./number-range.ts";

/** Maximum size of an example file, in bytes. A larger one is ignored: an example should have only a few rows. */
const MAX_BYTES = 2 ** 20;

/**
 * Returns the first row of the input example that MLflow stores with a model. Without a valid one, returns typical numbers and texts from the drift
 * reference, or else zeros and empty strings.
 */
export async function readExampleRow(
  folder: string | undefined,
  signature: Signature,
  ranges: ReadonlyMap<string, NumberRange>,
  categories: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<readonly unknown[]> {
  const text = folder === undefined ? "" : await read(join(folder, "input_example.json"));
  const columns = columnNames(signature) ?? [];
  return (
    exampleRow(text, signature) ??
    signature.inputs.map((field, index) => {
      if (field.shape) return exampleValue(field);
      const name = columns[index] ?? "";
      const text = field.type === "string" ? categories.get(name)?.find((one) => one !== "") : undefined;
      return ranges.get(name)?.middle ?? text ?? exampleValue(field);
    })
  );
}

async function read(file: string): Promise<string> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  return size > 0 && size <= MAX_BYTES ? readFile(file, "utf8") : "";
}

/** Parses an example in MLflow's forms: `{"columns": […], "data": [[…], …]}` for a table, a list of rows for a tensor. */
export function exampleRow(text: string, signature: Signature): unknown[] | undefined {
  const { inputs } = signature;
  const columns = columnNames(signature);
  let example: unknown;
  try {
    example = JSON.parse(text);
  } catch {
    return undefined; // A page without an example is better than no page.
  }
  const table = typeof example === "object" && example !== null && "data" in example ? example : { data: example };
  const [row] = Array.isArray(table.data) ? table.data : [];
  if (!Array.isArray(row) || row.length !== inputs.length) return undefined;
  const named = "columns" in table && Array.isArray(table.columns) ? table.columns : undefined;
  const ordered = columns && named ? columns.map((name) => row[named.indexOf(name)]) : row;
  const builder = new TableBuilder(inputs, 1);
  return ordered.some((value, index) => value === undefined || builder.put(index, 0, value)) ? undefined : ordered;
}
