import { type Field, valuesPerRow } from "../../data/field.ts";
import {
  type Column,
  denseData,
  denseTable,
  type NumberArray,
  type NumberColumn,
  type Table,
  type TextColumn,
} from "../../data/table.ts";

/** Concatenates tables with the same fields, as the request readers create them. Dense tables of numbers share memory that the next join reuses. */
export class TableJoiner {
  #memory: NumberArray | undefined;

  join(tables: readonly Table[]): Table {
    const [first] = tables;
    if (!first) throw new RangeError("no tables to join");
    if (tables.length === 1) return first;
    let rows = 0;
    for (const table of tables) rows += table.rows;
    const dense = denseData(first);
    if (dense && tables.every((table) => denseData(table)?.constructor === dense.constructor))
      return this.#joinDense(tables, dense, rows);
    const columns = first.fields.map((field, index) => joinColumns(tables, index, field, rows));
    return { fields: first.fields, columns, rows };
  }

  #joinDense(tables: readonly Table[], dense: NumberArray, rows: number): Table {
    const fields = (tables[0] as Table).fields;
    const size = rows * fields.length;
    const Memory = dense.constructor as Float32ArrayConstructor;
    let memory = this.#memory;
    if (memory?.constructor !== Memory || memory.length < size) {
      memory = new Memory(Math.max(size, (memory?.length ?? 0) * 2));
      this.#memory = memory;
    }
    let offset = 0;
    for (const table of tables) {
      const data = denseData(table) as Float32Array;
      (memory as Float32Array).set(data, offset);
      offset += data.length;
    }
    return denseTable(fields, memory.subarray(0, size), rows);
  }
}

/** Minimum number of values for which copying through a typed-array view is faster. */
const LONG = 16;

function joinColumns(tables: readonly Table[], index: number, field: Field, rows: number): Column {
  const size = valuesPerRow(field);
  const parts = tables.map((table) => table.columns[index] as Column);
  return field.type === "string"
    ? joinTexts(parts as readonly TextColumn[], rows * size)
    : joinNumbers(parts as readonly NumberColumn[], tables, size, rows);
}

function joinTexts(parts: readonly TextColumn[], size: number): TextColumn {
  const codes = new Int32Array(size);
  const dictionary: string[] = [];
  // Scanned tables share one dictionary, so their codes stay valid.
  const [first] = parts;
  const isShared = parts.every((part) => part.dictionary === first?.dictionary);
  let next = 0;
  for (const part of parts) {
    const shift = isShared ? 0 : dictionary.length;
    for (let at = 0; at < part.codes.length; at++, next++) {
      const code = part.codes[at] as number;
      codes[next] = code < 0 ? code : code + shift;
    }
    if (!isShared) for (const text of part.dictionary) dictionary.push(text);
  }
  return { kind: "text", codes, dictionary: isShared ? (first?.dictionary ?? []) : dictionary };
}

function joinNumbers(
  parts: readonly NumberColumn[],
  tables: readonly Table[],
  size: number,
  rows: number,
): NumberColumn {
  const Memory = (parts[0] as NumberColumn).data.constructor as Float64ArrayConstructor;
  const data = new Memory(rows * size);
  const missing = parts.some((part) => part.missing) ? new Uint8Array(rows) : undefined;
  let next = 0;
  for (const [index, part] of parts.entries()) {
    const count = (tables[index] as Table).rows;
    const { data: from, offset, stride } = part;
    if (part.missing) missing?.set(part.missing.subarray(0, count), next);
    if (stride === size && count * size >= LONG) {
      data.set((from as Float64Array).subarray(offset, offset + count * size), next * size);
      next += count;
      continue;
    }
    for (let row = 0; row < count; row++, next++)
      for (let at = 0; at < size; at++) data[next * size + at] = from[offset + row * stride + at] as number;
  }
  return { kind: "number", data, offset: 0, stride: size, ...(missing && { missing }) };
}
