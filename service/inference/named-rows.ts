import { isRecord } from "../predictor/json.ts";
import { columnNames } from "../predictor/signature.ts";
import { kind } from "./json-kind.ts";
import { absent, countRows, faulty, invalid, listed, pointerTo, type Reading, type Rows, readRows } from "./rows.ts";
import { TableBuilder } from "./table-builder.ts";

// Forms that name their columns: in any order, each of the model's columns once; those that may be missing may be left out. Errors are as those of readRows.

/** `[{"age": 31, …}, …]`: one object a row. */
export function readRecords(list: readonly unknown[], pointer: string, reading: Reading): Rows {
  const { signature, maxRows, ignoresOthers } = reading;
  const rows = countRows(list.length, pointer, maxRows);
  const columns = columnsOf(reading, pointer);
  const known = new Set(columns);
  const builder = new TableBuilder(signature.inputs, rows);
  for (let index = 0; index < rows; index++) {
    const record = list[index];
    const at = `${pointer}/${index}`;
    if (!isRecord(record)) throw invalid(at, `must be an object with the model's columns, not ${kind(record)}`);
    if (!ignoresOthers)
      for (const key in record) if (!known.has(key)) throw unknownColumn(at + pointerTo(key), columns);
    for (let place = 0; place < columns.length; place++) {
      const name = columns[place] as string;
      let value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value === undefined) {
        if (!builder.fields[place]?.nullable) throw invalid(at + pointerTo(name), "is missing");
        value = null;
      }
      const fault = builder.put(place, index, value);
      if (fault) throw faulty(at + pointerTo(name), fault, place, signature);
    }
  }
  return { table: builder.table(), pointerToRow: (row) => `${pointer}/${row}` };
}

/** `{"age": [31, …], …}`: one list a column, all of one length; MLflow's `inputs` with names. */
export function readColumns(lists: Readonly<Record<string, unknown>>, pointer: string, reading: Reading): Rows {
  const { signature, maxRows, ignoresOthers } = reading;
  const columns = columnsOf(reading, pointer);
  if (!ignoresOthers)
    for (const key in lists) if (!columns.includes(key)) throw unknownColumn(pointer + pointerTo(key), columns);
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
    if (!Array.isArray(list))
      throw invalid(at, list === undefined ? "is missing" : `must be a list, not ${kind(list)}`);
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
  if (!builder) throw invalid(pointer, "must have the model's columns");
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
 * The model's field at each place. A model without column names has numbers for names (pandas' default), in their order.
 * Throws ProblemError for a column that is not the model's, is there twice, or is left out and may not be missing.
 */
export function orderOf(given: unknown, pointer: string, { signature, ignoresOthers }: Reading): readonly number[] {
  if (!Array.isArray(given)) throw invalid(pointer, `must be a list of names, not ${kind(given)}`);
  const { inputs } = signature;
  const names: readonly unknown[] = columnNames(signature) ?? inputs.map((_, index) => index);
  const order = given.map((name: unknown, index) => {
    const place = names.indexOf(name);
    if (place < 0) {
      if (ignoresOthers) return -1;
      throw unknownColumn(`${pointer}/${index}`, names);
    }
    if (given.indexOf(name) < index) throw invalid(`${pointer}/${index}`, "is there twice");
    return place;
  });
  const missing = absent(order, names.length).filter((place) => !inputs[place]?.nullable);
  if (missing.length > 0)
    throw invalid(
      pointer,
      `must have ${names.length} names, ${listed(names)}, not ${order.length}: ${listed(missing.map((place) => names[place]))} missing`,
    );
  return order;
}

function columnsOf({ signature }: Reading, pointer: string): readonly string[] {
  const names = columnNames(signature);
  if (names) return names;
  throw invalid(pointer, "names columns, but the model's signature does not: send lists of numbers");
}

const unknownColumn = (pointer: string, names: readonly unknown[]) =>
  invalid(pointer, `is no column of the model, which has ${listed(names)}`);
