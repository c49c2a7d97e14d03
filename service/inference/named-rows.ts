import { isRecord } from "../predictor/json.ts";
import { columnNames } from "../predictor/signature.ts";
import { kind } from "./json-kind.ts";
import { nearMiss } from "./near-miss.ts";
import { absent, countRows, faulty, invalid, listed, pointerTo, type Reading, type Rows, readRows } from "./rows.ts";
import { TableBuilder } from "./table-builder.ts";

// Forms that name their columns, in any order. Other columns are passed over, as MLflow's pyfunc does, and those that may be missing may be left out; a name
// that is nearly that of a column left out is refused, since pyfunc's silence would turn a slip of the pen into missing values. Errors are as those of readRows.

/** `[{"age": 31, …}, …]`: one object a row. */
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
    for (let place = 0; place < columns.length; place++) {
      const name = columns[place] as string;
      let value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value === undefined) {
        if (!builder.fields[place]?.nullable) throw lacks(name, Object.keys(record), at, columns);
        value = null;
        isWhole = false;
      }
      const fault = builder.put(place, index, value);
      if (fault) throw faulty(at + pointerTo(name), fault, place, signature);
    }
    if (!isWhole) checkNames(Object.keys(record), at, columns);
  }
  return { table: builder.table(), pointerToRow: (row) => `${pointer}/${row}` };
}

/** `{"age": [31, …], …}`: one list a column, all of one length; MLflow's `inputs` with names. */
export function readColumns(lists: Readonly<Record<string, unknown>>, pointer: string, reading: Reading): Rows {
  const { signature, maxRows } = reading;
  const columns = columnsOf(reading, pointer);
  let builder: TableBuilder | undefined;
  const leftOut: number[] = [];
  for (const [place, name] of columns.entries()) {
    const at = pointer + pointerTo(name);
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    const field = signature.inputs[place];
    if (list === undefined && field?.nullable) {
      leftOut.push(place);
      continue;
    }
    if (list === undefined) throw lacks(name, Object.keys(lists), pointer, columns);
    if (!Array.isArray(list)) throw invalid(at, `must be a list, not ${kind(list)}`);
    const rows = countRows(list.length, at, maxRows);
    builder ??= new TableBuilder(signature.inputs, rows);
    if (rows !== builder.rows)
      throw invalid(at, `must have ${builder.rows} numbers, as the other columns, not ${rows}`);
    for (const [row, value] of list.entries()) {
      // NumPy writes a tensor [rows, 1] as lists of one value.
      const single = !field?.shape && Array.isArray(value) && value.length === 1 ? value[0] : value;
      const fault = builder.put(place, row, single);
      if (fault) throw faulty(`${at}/${row}`, fault, place, signature);
    }
  }
  if (leftOut.length > 0) checkNames(Object.keys(lists), pointer, columns);
  if (!builder) throw invalid(pointer, `must have columns of the model, which are ${listed(columns)}`);
  for (const place of leftOut) builder.leaveOut(place);
  return { table: builder.table(), pointerToRow: () => pointer };
}

/** pandas' `split` orientation: `{"columns": ["age", …], "data": [[31, …], …]}`; without columns, in the model's order. */
export function readSplit(split: unknown, pointer: string, reading: Reading): Rows {
  if (!isRecord(split))
    throw invalid(pointer, `must be an object {"columns": […], "data": [[…], …]}, not ${kind(split)}`);
  for (const key in split)
    if (key !== "columns" && key !== "data" && key !== "index")
      throw invalid(pointer + pointerTo(key), "is not known: columns, data and index are");
  const { columns, data, index } = split;
  if (index !== undefined && !Array.isArray(index))
    throw invalid(`${pointer}/index`, `must be a list, not ${kind(index)}`);
  const order = columns === undefined ? undefined : orderOf(columns, `${pointer}/columns`, reading);
  return readRows(data, `${pointer}/data`, reading, order);
}

/**
 * The model's field at each place, -1 for a column that is not the model's. A model without column names has numbers for names (pandas' default), in their order.
 * Throws ProblemError for a column of the model that is there twice, or is left out and may not be missing or seems to be misspelt.
 */
export function orderOf(given: unknown, pointer: string, { signature }: Reading): readonly number[] {
  if (!Array.isArray(given)) throw invalid(pointer, `must be a list of names, not ${kind(given)}`);
  const { inputs } = signature;
  const names: readonly unknown[] = columnNames(signature) ?? inputs.map((_, index) => index);
  const order = given.map((name: unknown, index) => {
    const place = names.indexOf(name);
    if (place < 0) return -1;
    if (given.indexOf(name) < index) throw invalid(`${pointer}/${index}`, "is there twice");
    return place;
  });
  const leftOut = absent(order, names.length);
  if (leftOut.length === 0) return order;
  const texts = given.filter((name) => typeof name === "string");
  const missing = leftOut.filter((place) => !inputs[place]?.nullable).map((place) => names[place]);
  if (missing.length > 0) {
    const near = nearMiss(missing.map(String), unknownAmong(texts, names));
    throw invalid(
      pointer,
      `must name the model's columns, which are ${listed(names)}: ${listed(missing)} missing${near ? `; ${quoted(near.written)} is not one of them` : ""}`,
    );
  }
  checkNames(texts, pointer, names);
  return order;
}

function columnsOf({ signature }: Reading, pointer: string): readonly string[] {
  const names = columnNames(signature);
  if (names) return names;
  throw invalid(pointer, "names columns, but the model's signature does not: send lists of numbers");
}

const unknownAmong = (given: readonly string[], names: readonly unknown[]) =>
  given.filter((name) => !names.includes(name));
const quoted = (name: string) => JSON.stringify(name.slice(0, 100));

/** The error for a column that must be there. @param given what the caller named */
function lacks(name: string, given: readonly string[], pointer: string, names: readonly unknown[]) {
  const near = nearMiss([name], unknownAmong(given, names));
  return invalid(
    pointer + pointerTo(name),
    `is missing${near ? `; ${quoted(near.written)}, which is there, is not a column of the model` : ""}`,
  );
}

/** Throws ProblemError where a column that may be left out seems to be misspelt. */
function checkNames(given: readonly string[], pointer: string, names: readonly unknown[]): void {
  const unknown = unknownAmong(given, names);
  if (unknown.length === 0) return;
  const absent = names.filter((name): name is string => typeof name === "string" && !given.includes(name));
  const near = nearMiss(absent, unknown);
  if (near)
    throw invalid(
      pointer + pointerTo(near.written),
      `is not a column of the model, and ${quoted(near.column)}, which is, is left out: rename it, or send null for ${quoted(near.column)}`,
    );
}
