import { type Field, valuesPerRow } from "../../data/field.ts";
import { denseData, type Table } from "../../data/table.ts";
import { RowError } from "./errors.ts";
import type { Signature } from "./signature.ts";

/** Remedy: how to make a model accept missing values. */
export const HOW_TO_ALLOW =
  "log the model with a signature that has required: false for the column, as infer_signature writes for rows with a missing value";

/** Checks for U+0000, at which the runtime would truncate a string. Requests are checked when they are read. @throws RowError for the first one */
export function checkTexts({ columns, fields }: Table): void {
  for (const [fieldIndex, column] of columns.entries()) {
    if (column.kind !== "text") continue;
    const withNul = new Set(column.dictionary.flatMap((text, code) => (text.includes("\0") ? [code] : [])));
    if (withNul.size === 0) continue;
    const field = fields[fieldIndex] as Field;
    const at = column.codes.findIndex((code) => withNul.has(code));
    const row = Math.floor(at / valuesPerRow(field));
    if (at >= 0) throw new RowError(row, `row ${row}: ${field.name} contains U+0000, which models cannot process`);
  }
}

/** Checks for missing values in fields that are not nullable. @throws RowError for the first one */
export function checkNothingMissing(table: Table, { inputs }: Signature): void {
  const strict = inputs.flatMap((field, fieldIndex) => (field.nullable ? [] : [fieldIndex]));
  if (strict.length === 0) return;
  const refuse = (row: number, fieldIndex: number): never => {
    throw new RowError(row, `row ${row}: ${inputs[fieldIndex]?.name} is missing; ${HOW_TO_ALLOW}`);
  };
  const dense = denseData(table);
  if (dense && !(dense instanceof Float32Array || dense instanceof Float64Array)) return;
  for (const fieldIndex of strict) {
    const column = table.columns[fieldIndex];
    const field = inputs[fieldIndex];
    if (!column || !field) continue;
    const width = valuesPerRow(field);
    if (column.kind === "text") {
      const at = column.codes.subarray(0, table.rows * width).indexOf(-1);
      if (at >= 0) refuse(Math.floor(at / width), fieldIndex);
      continue;
    }
    const { data, offset, stride, missing } = column;
    const masked = missing?.indexOf(1) ?? -1;
    if (masked >= 0) refuse(masked, fieldIndex);
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let row = 0; row < table.rows; row++)
      for (let index = 0; index < width; index++)
        if (Number.isNaN(data[offset + row * stride + index])) refuse(row, fieldIndex);
  }
}
