import { type Field, valuesPerRow } from "../../data/field.ts";
import { denseData, type Table } from "../../data/table.ts";
import { RowError } from "./errors.ts";
import type { Signature } from "./signature.ts";

/** How to let a model accept missing values. */
export const HOW_TO_ALLOW =
  "log the model with a signature that has required: false for the column, as infer_signature writes for rows with a missing value";

/** Throws RowError for the first text with U+0000, at which the runtime would truncate it. Requests are validated when they are read. */
export function checkTexts({ columns, fields }: Table): void {
  for (const [place, column] of columns.entries()) {
    if (column.kind !== "text") continue;
    const cut = new Set(column.dictionary.flatMap((text, code) => (text.includes("\0") ? [code] : [])));
    if (cut.size === 0) continue;
    const field = fields[place] as Field;
    const at = column.codes.findIndex((code) => cut.has(code));
    const row = Math.floor(at / valuesPerRow(field));
    if (at >= 0) throw new RowError(row, `row ${row}: ${field.name} contains U+0000, which models cannot process`);
  }
}

/** Throws RowError for the first missing value of a field that is not nullable. */
export function checkNothingMissing(table: Table, { inputs }: Signature): void {
  const strict = inputs.flatMap((field, place) => (field.nullable ? [] : [place]));
  if (strict.length === 0) return;
  const refuse = (row: number, place: number): never => {
    throw new RowError(row, `row ${row}: ${inputs[place]?.name} is missing; ${HOW_TO_ALLOW}`);
  };
  const dense = denseData(table);
  if (dense && !(dense instanceof Float32Array || dense instanceof Float64Array)) return;
  for (const place of strict) {
    const column = table.columns[place];
    const field = inputs[place];
    if (!column || !field) continue;
    const width = valuesPerRow(field);
    if (column.kind === "text") {
      const at = column.codes.subarray(0, table.rows * width).indexOf(-1);
      if (at >= 0) refuse(Math.floor(at / width), place);
      continue;
    }
    const { data, offset, stride, missing } = column;
    const masked = missing?.indexOf(1) ?? -1;
    if (masked >= 0) refuse(masked, place);
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let row = 0; row < table.rows; row++)
      for (let index = 0; index < width; index++)
        if (Number.isNaN(data[offset + row * stride + index])) refuse(row, place);
  }
}
