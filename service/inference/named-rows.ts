import type { ModelSignature } from "../predictor/signature.ts";
import { countRows, invalid, invalidNumber, isRecord, kind, pointerTo, type Rows, readRows } from "./rows.ts";

// Forms that name their columns: in any order, each of the model's columns once. Errors are as those of readRows.

/** `[{"age": 31, …}, …]`: one object a row. */
export function readRecords(
  list: readonly unknown[],
  pointer: string,
  signature: ModelSignature,
  maxRows: number,
): Rows {
  const rows = countRows(list.length, pointer, maxRows);
  const columns = columnsOf(signature, pointer);
  const features = new Float32Array(rows * columns.length);
  for (const [index, record] of list.entries()) {
    const at = `${pointer}/${index}`;
    if (!isRecord(record)) throw invalid(at, `must be an object with the model's columns, not ${kind(record)}`);
    for (const key in record) if (!columns.includes(key)) throw unknownColumn(at + pointerTo(key), columns);
    for (const [column, name] of columns.entries()) {
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value === undefined) throw invalid(at + pointerTo(name), "is missing");
      if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
        throw invalidNumber(at + pointerTo(name), column, value, signature);
      features[index * columns.length + column] = value;
    }
  }
  return { features, rows, pointerToRow: (row) => `${pointer}/${row}` };
}

/** `{"age": [31, …], …}`: one list a column, all of one length; MLflow's `inputs` with names. */
export function readColumns(
  lists: Readonly<Record<string, unknown>>,
  pointer: string,
  signature: ModelSignature,
  maxRows: number,
): Rows {
  const columns = columnsOf(signature, pointer);
  for (const key in lists) if (!columns.includes(key)) throw unknownColumn(pointer + pointerTo(key), columns);
  let found: Rows | undefined;
  for (const [column, name] of columns.entries()) {
    const at = pointer + pointerTo(name);
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (!Array.isArray(list))
      throw invalid(at, list === undefined ? "is missing" : `must be a list, not ${kind(list)}`);
    const rows = countRows(list.length, at, maxRows);
    found ??= { rows, features: new Float32Array(rows * columns.length), pointerToRow: () => pointer };
    if (rows !== found.rows) throw invalid(at, `must have ${found.rows} numbers, as the other columns, not ${rows}`);
    for (const [row, value] of list.entries()) {
      if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
        throw invalidNumber(`${at}/${row}`, column, value, signature);
      found.features[row * columns.length + column] = value;
    }
  }
  if (!found) throw invalid(pointer, "must have the model's columns");
  return found;
}

/** pandas' `split` orientation: `{"columns": ["age", …], "data": [[31, …], …]}`; without columns, in the model's order. */
export function readSplit(split: unknown, pointer: string, signature: ModelSignature, maxRows: number): Rows {
  if (!isRecord(split))
    throw invalid(pointer, `must be an object {"columns": […], "data": [[…], …]}, not ${kind(split)}`);
  for (const key in split)
    if (key !== "columns" && key !== "data" && key !== "index")
      throw invalid(pointer + pointerTo(key), "is not known: columns, data and index are");
  const { columns, data, index } = split;
  if (index !== undefined && !Array.isArray(index))
    throw invalid(`${pointer}/index`, `must be a list, not ${kind(index)}`);
  const order = columns === undefined ? undefined : orderOf(columns, `${pointer}/columns`, signature);
  return readRows(data, `${pointer}/data`, signature, maxRows, order);
}

/** The model's column at each place. A model without column names has numbers for names (pandas' default), in their order. */
function orderOf(given: unknown, pointer: string, signature: ModelSignature): readonly number[] {
  if (!Array.isArray(given)) throw invalid(pointer, `must be a list of names, not ${kind(given)}`);
  const names: readonly unknown[] =
    signature.columns ?? Array.from({ length: signature.features }, (_, index) => index);
  const order = given.map((name: unknown, index) => {
    const column = names.indexOf(name);
    if (column < 0) throw unknownColumn(`${pointer}/${index}`, names);
    if (given.indexOf(name) < index) throw invalid(`${pointer}/${index}`, "is there twice");
    return column;
  });
  if (order.length !== names.length)
    throw invalid(pointer, `must have ${names.length} names, ${listed(names)}, not ${order.length}`);
  return order;
}

function columnsOf({ columns }: ModelSignature, pointer: string): readonly string[] {
  if (columns) return columns;
  throw invalid(pointer, "names columns, but the model's signature does not: send lists of numbers");
}

const unknownColumn = (pointer: string, names: readonly unknown[]) =>
  invalid(pointer, `is no column of the model, which has ${listed(names)}`);

/** The first ones. */
const listed = (names: readonly unknown[]) => names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
