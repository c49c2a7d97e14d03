import { copyColumn } from "../../data/column-values.ts";
import { type Field, isShaped } from "../../data/field.ts";
import { isFloatType } from "../../data/number-array.ts";
import type { Column, NumberColumn, Table, TextColumn } from "../../data/table.ts";
import type { Random } from "./statistics/random.ts";

export type ChangedCategories = "unseen" | "swapped" | "nulls";

interface Change {
  readonly kind: ChangedCategories;
  /** Share of the eligible cells. */
  readonly share: number;
  readonly random: Random;
}

/** Returns a table with some texts unseen, some categories swapped, or some cells missing. Other columns are not copied. */
export function changedCategories(table: Table, change: Change): Table {
  const { fields, rows } = table;
  const changed = { unseen: withUnseen, swapped: withSwapped, nulls: withNulls }[change.kind];
  return {
    fields,
    rows,
    columns: table.columns.map((column, index) => {
      const field = fields[index] as Field;
      return isShaped(field) ? column : changed(field, column, rows, change);
    }),
  };
}

/** Picks random rows, in ascending order. */
const some = (rows: number, { share, random }: Change): number[] =>
  Array.from({ length: rows }, (_, row) => row).filter(() => random.uniform() < share);

function withUnseen(_: Field, column: Column, rows: number, change: Change): Column {
  if (column.kind !== "text") return column;
  let unseen = "unseen";
  while (column.dictionary.includes(unseen)) unseen += " category";
  const codes = column.codes.slice();
  for (const row of some(rows, change)) codes[row] = column.dictionary.length;
  return { kind: "text", codes, dictionary: [...column.dictionary, unseen] };
}

/** Swaps values between rows: their frequencies do not change. */
function withSwapped(field: Field, column: Column, rows: number, change: Change): Column {
  if (field.type !== "string" && field.type !== "boolean") return column;
  const copy = copyColumn(field, column, rows);
  const chosen = some(rows, change);
  for (let last = chosen.length - 1; last > 0; last--)
    swap(copy, chosen[last] as number, chosen[change.random.below(last + 1)] as number);
  return copy;
}

function swap(column: TextColumn | NumberColumn, one: number, other: number): void {
  const arrays = column.kind === "text" ? [column.codes] : [column.data as Uint8Array, column.missing];
  for (const array of arrays) if (array) [array[one], array[other]] = [array[other] as number, array[one] as number];
}

function withNulls(field: Field, column: Column, rows: number, change: Change): Column {
  if (!field.nullable) return column;
  const copy = copyColumn(field, column, rows);
  const chosen = some(rows, change);
  if (copy.kind === "text") {
    for (const row of chosen) copy.codes[row] = -1;
    return copy;
  }
  const missing = copy.missing ?? new Uint8Array(rows);
  for (const row of chosen) {
    missing[row] = 1;
    if (isFloatType(field.type) && !(copy.data instanceof Uint16Array)) copy.data[row] = Number.NaN as never;
  }
  return { ...copy, missing };
}
