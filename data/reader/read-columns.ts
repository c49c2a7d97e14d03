import { isShaped, valuesPerRow } from "../field.ts";
import { type ColumnBuilder, Group, NumberBuilder, type ReadColumn, TextBuilder } from "./column-builders.ts";
import type { RangedField } from "./column-types.ts";
import type { Session } from "./duckdb.ts";
import type { Chunk, Rows } from "./duckdb-rows.ts";
import { ListBuilder } from "./list-builder.ts";
import type { StoredElements } from "./list-elements.ts";

/** A column of a DuckDB query. */
export interface QueryColumn {
  readonly field: RangedField;
  /** SQL of the values in DuckDB's type for the field: DOUBLE for all floats, BIGINT for datetimes. */
  readonly sql: string;
  /** For a field with a shape, if the column has lists. Absent if the cells are text that contains lists. */
  readonly elements?: StoredElements | undefined;
}

/** Rows of a query, by column. Columns of one type and block share one row-major array, ready for a tensor. */
export interface ReadBatch {
  readonly columns: readonly ReadColumn[];
  readonly rows: number;
}

/** Reads a query in batches. */
export class ColumnReader {
  readonly #rows: Rows;
  readonly #columns: readonly QueryColumn[];
  #chunk: Chunk | undefined;
  /** Number of rows of the chunk already consumed. */
  #taken = 0;

  constructor(rows: Rows, columns: readonly QueryColumn[]) {
    this.#rows = rows;
    this.#columns = columns;
  }

  static async open(session: Session, columns: readonly QueryColumn[], from: string): Promise<ColumnReader> {
    // Without columns, selects a constant to count the rows.
    const selected = columns.map(({ sql }) => sql).join(", ") || "1";
    const rows = await session.rows(`SELECT ${selected} FROM ${from}`);
    return new ColumnReader(rows, columns);
  }

  /** Reads the next rows, at most `most`. @param likely expected number */
  async take(most: number, likely = FIRST_ROWS): Promise<ReadBatch> {
    const batch = new Batch(this.#columns, Math.min(most, likely));
    while (batch.rows < most && (await this.#hasRows())) {
      const { chunk, from, to } = this.#part(most - batch.rows);
      batch.add(chunk, from, to);
    }
    return batch.finish();
  }

  async skip(rows: number): Promise<void> {
    for (let left = rows; left > 0 && (await this.#hasRows()); ) {
      const { from, to } = this.#part(left);
      left -= to - from;
    }
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  async #hasRows(): Promise<boolean> {
    if (this.#chunk && this.#taken < this.#chunk.rows) return true;
    this.#chunk = await this.#rows.next();
    this.#taken = 0;
    return this.#chunk !== undefined;
  }

  #part(most: number) {
    const chunk = this.#chunk as Chunk;
    const from = this.#taken;
    const to = Math.min(chunk.rows, from + most);
    this.#taken = to;
    return { chunk, from, to };
  }
}

const FIRST_ROWS = 1 << 14;

class Batch {
  readonly #builders: readonly ColumnBuilder[];
  readonly #groups: readonly Group[];
  #capacity: number;
  rows = 0;

  constructor(columns: readonly QueryColumn[], capacity: number) {
    this.#capacity = capacity;
    const fields = columns.map(({ field }) => field);
    // A field with a shape is a tensor of its own.
    const keyOf = (field: RangedField) => `${field.type} ${field.block ?? ""} ${isShaped(field) ? field.name : ""}`;
    const groups = new Map<string, Group>();
    for (const [key, those] of Map.groupBy(fields, keyOf)) {
      const { type } = those[0] as RangedField;
      const width = those.reduce((sum, field) => sum + valuesPerRow(field), 0);
      if (type !== "string") groups.set(key, new Group(type, width, capacity));
    }
    this.#groups = [...groups.values()];
    const offsets = new Map<Group, number>();
    this.#builders = columns.map(({ field, elements }) => {
      const group = groups.get(keyOf(field));
      const offset = (group && offsets.get(group)) ?? 0;
      if (group) offsets.set(group, offset + valuesPerRow(field));
      if (isShaped(field)) return new ListBuilder(field, group, elements);
      return group ? new NumberBuilder(field, group, offset) : new TextBuilder(field, capacity);
    });
  }

  add(chunk: Chunk, from: number, to: number): void {
    const rows = this.rows + to - from;
    if (rows > this.#capacity) {
      this.#capacity = Math.max(Math.ceil(this.#capacity * 1.5), rows);
      for (const group of this.#groups) group.grow(this.#capacity);
    }
    for (const [index, builder] of this.#builders.entries()) {
      const column = chunk.columns[index];
      if (column) builder.add(column, from, to, this.rows);
    }
    this.rows = rows;
  }

  finish(): ReadBatch {
    const { rows } = this;
    for (const group of this.#groups) group.data = group.data.subarray(0, rows * group.width) as Group["data"];
    return { rows, columns: this.#builders.map((builder) => builder.finish(rows)) };
  }
}
