import { nearMiss } from "../../data/near-name.ts";
import { kind } from "../predictor/errors.ts";
import { columnNames, isRecord } from "../predictor/signature.ts";
import { absent, countRows, faulty, invalid, listed, pointerTo, type Reading, type Rows, readRows } from "./rows.ts";
import { TableBuilder } from "./table-builder.ts";

// Request forms with named columns, in any order. Like MLflow's pyfunc, they ignore unknown columns, and nullable columns may be absent. Unlike pyfunc,
// they reject a name that resembles an absent column, since ignoring it would turn a typo into missing values. Errors are those of readRows.

/** Reads `[{"age": 31, …}, …]`: one object per row. */
export function readRecords(list: readonly unknown[], pointer: string, reading: Reading): Rows {
  const { signature, maxRows } = reading;
  const rows = countRows(list.length, pointer, maxRows);
  const columns = columnsOf(reading, pointer);
  const builder = new TableBuilder(signature.inputs, rows);
  for (let index = 0; index < rows; index++) {
    const record = list[index];
    const at = `${pointer}/${index}`;
    if (!isRecord(record)) throw invalid(at, `must be an object with the model's columns, not ${kind(record)}`);
    let isWhole = true;
    for (let fieldIndex = 0; fieldIndex < columns.length; fieldIndex++) {
      const name = columns[fieldIndex] as string;
      let value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value === undefined) {
        if (!builder.fields[fieldIndex]?.nullable) throw lacks(name, Object.keys(record), at, columns);
        value = null;
        isWhole = false;
      }
      const fault = builder.put(fieldIndex, index, value);
      if (fault) throw faulty(at + pointerTo(name), fault, fieldIndex, signature);
    }
    if (!isWhole) checkNames(Object.keys(record), at, columns);
  }
  return { table: builder.table(), pointerToRow: (row) => `${pointer}/${row}` };
}

/** Reads `{"age": [31, …], …}`, MLflow's `inputs` with names: one list per column, all of equal length. */
export function readColumns(lists: Readonly<Record<string, unknown>>, pointer: string, reading: Reading): Rows {
  const { signature, maxRows } = reading;
  const columns = columnsOf(reading, pointer);
  let builder: TableBuilder | undefined;
  const leftOut: number[] = [];
  for (const [fieldIndex, name] of columns.entries()) {
    const at = pointer + pointerTo(name);
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    const field = signature.inputs[fieldIndex];
    if (list === undefined && field?.nullable) {
      leftOut.push(fieldIndex);
      continue;
    }
    if (list === undefined) throw lacks(name, Object.keys(lists), pointer, columns);
    if (!Array.isArray(list)) throw invalid(at, `must be a list, not ${kind(list)}`);
    const rows = countRows(list.length, at, maxRows);
    builder ??= new TableBuilder(signature.inputs, rows);
    if (rows !== builder.rows)
      throw invalid(at, `must have ${builder.rows} values, like the other columns, not ${rows}`);
    for (const [row, value] of list.entries()) {
      // NumPy writes a tensor [rows, 1] as lists of one value.
      const single = !field?.shape && Array.isArray(value) && value.length === 1 ? value[0] : value;
      const fault = builder.put(fieldIndex, row, single);
      if (fault) throw faulty(`${at}/${row}`, fault, fieldIndex, signature);
    }
  }
  if (leftOut.length > 0) checkNames(Object.keys(lists), pointer, columns);
  if (!builder) throw invalid(pointer, `must have the model's columns: ${listed(columns)}`);
  for (const fieldIndex of leftOut) builder.leaveOut(fieldIndex);
  return { table: builder.table(), pointerToRow: () => pointer };
}

/** Reads pandas' `split` orientation: `{"columns": ["age", …], "data": [[31, …], …]}`. Without `columns`, data is in the model's order. */
export function readSplit(split: unknown, pointer: string, reading: Reading): Rows {
  if (!isRecord(split))
    throw invalid(pointer, `must be an object {"columns": […], "data": [[…], …]}, not ${kind(split)}`);
  for (const key in split)
    if (key !== "columns" && key !== "data" && key !== "index")
      throw invalid(pointer + pointerTo(key), "is not supported: only columns, data and index are");
  const { columns, data, index } = split;
  if (index !== undefined && !Array.isArray(index))
    throw invalid(`${pointer}/index`, `must be a list, not ${kind(index)}`);
  const order = columns === undefined ? undefined : orderOf(columns, `${pointer}/columns`, reading);
  return readRows(data, `${pointer}/data`, reading, order);
}

/**
 * Returns the index of the model's field for each given column; -1 for an unknown column. The names of a model without column names are 0, 1 and so on,
 * pandas' default.
 * @param where names the list, or one of its columns, in words; by default, errors name the pointer
 * @throws ProblemError for a duplicate column, an absent column that is required, or one that seems misspelled
 */
export function orderOf(
  given: unknown,
  pointer: string,
  { signature }: Reading,
  where?: (column?: string) => string,
): readonly number[] {
  if (!Array.isArray(given)) throw invalid(pointer, `must be a list of names, not ${kind(given)}`);
  const { inputs } = signature;
  const names: readonly unknown[] = columnNames(signature) ?? inputs.map((_, index) => index);
  const order = given.map((name: unknown, index) => {
    const fieldIndex = names.indexOf(name);
    if (fieldIndex < 0) return -1;
    if (given.indexOf(name) < index) throw invalid(`${pointer}/${index}`, "is a duplicate", where?.(String(name)));
    return fieldIndex;
  });
  const leftOut = absent(order, names.length);
  if (leftOut.length === 0) return order;
  const texts = given.filter((name) => typeof name === "string");
  const missing = leftOut.filter((fieldIndex) => !inputs[fieldIndex]?.nullable).map((fieldIndex) => names[fieldIndex]);
  if (missing.length > 0) {
    if (!columnNames(signature) && texts.length > 0) throw invalid(pointer, UNNAMED, where?.());
    const near = nearMiss(missing.map(String), unknownAmong(texts, names));
    throw invalid(
      pointer,
      `must name the model's columns ${listed(names)}; missing: ${listed(missing)}${near ? `. ${quotedName(near.given)} is not one of them: did you mean ${quotedName(near.column)}?` : ""}`,
      where?.(),
    );
  }
  checkNames(texts, pointer, names, where);
  return order;
}

const UNNAMED =
  "has column names, but the model's signature does not: send lists in the model's order, such as {\"inputs\": [[1, 2]]}";

function columnsOf({ signature }: Reading, pointer: string): readonly string[] {
  const names = columnNames(signature);
  if (names) return names;
  throw invalid(pointer, UNNAMED);
}

const unknownAmong = (given: readonly string[], names: readonly unknown[]) =>
  given.filter((name) => !names.includes(name));
export const quotedName = (name: string) => JSON.stringify(name.slice(0, 100));

/** Creates the error for an absent required column. @param given column names in the request */
function lacks(name: string, given: readonly string[], pointer: string, names: readonly unknown[]) {
  const near = nearMiss([name], unknownAmong(given, names));
  return invalid(
    pointer + pointerTo(name),
    `is missing${near ? `; the request has ${quotedName(near.given)}, which is not a column of the model` : ""}`,
  );
}

/** @throws ProblemError if an absent nullable column seems misspelled */
function checkNames(
  given: readonly string[],
  pointer: string,
  names: readonly unknown[],
  where?: (column: string) => string,
): void {
  const unknown = unknownAmong(given, names);
  if (unknown.length === 0) return;
  const absent = names.filter((name): name is string => typeof name === "string" && !given.includes(name));
  const near = nearMiss(absent, unknown);
  if (near)
    throw invalid(
      pointer + pointerTo(near.given),
      `is not a column of the model, but resembles ${quotedName(near.column)}, which is absent: rename it, or send null for ${quotedName(near.column)}`,
      where?.(near.given),
    );
}
