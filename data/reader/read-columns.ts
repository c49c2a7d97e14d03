import { isShaped, valuesPerRow } from "../field.ts";
import { type ColumnBuilder, Group, NumberBuilder, type ReadColumn, TextBuilder } from "./column-builders.ts";
import type { RangedField } from "./column-types.ts";
import type { Session } from "./duckdb.ts";
import type { Chunk, Rows } from "./duckdb-rows.ts";
import { ListBuilder } from "./list-builder.ts";
import type { StoredElements } from "./list-elements.ts";

/** A column of a DuckDB query. */
export interface AskedColumn {
  readonly field: RangedField;
  /** SQL of the values, in DuckDB's type for the field; DOUBLE for floats and BIGINT for datetimes. */
  readonly sql: string;
  /** For a field with a shape whose column has lists; without it, the cells are texts of lists. */
  readonly elements?: StoredElements | undefined;
}

/** Rows of a query, as columns. Columns of one type and block share one row-major array, ready for a tensor. */
export interface ReadBatch {
  readonly columns: readonly ReadColumn[];
  readonly rows: number;
}

/** A query that is read in batches. */
export class ColumnReader {
  readonly #rows: Rows;
  readonly #asked: readonly AskedColumn[];
  #chunk: Chunk | undefined;
  /** Consumed rows of the chunk. */
  #taken = 0;

  constructor(rows: Rows, asked: readonly AskedColumn[]) {
    this.#rows = rows;
    this.#asked = asked;
  }

  static async open(session: Session, asked: readonly AskedColumn[], from: string): Promise<ColumnReader> {
    // Without columns, the rows still count.
    const columns = asked.map(({ sql }) => sql).join(", ") || "1";
    const rows = await session.rows(`SELECT ${columns} FROM ${from}`);
    return new ColumnReader(rows, asked);
  }

  /** Takes the next rows, up to `most`. @param likely expected number */
  async take(most: number, likely = FIRST_ROWS): Promise<ReadBatch> {
    const batch = new Batch(this.#asked, Math.min(most, likely));
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
  #room: number;
  rows = 0;

  constructor(asked: readonly AskedColumn[], room: number) {
    this.#room = room;
    const fields = asked.map(({ field }) => field);
    // A field with a shape is its own tensor.
    const keyOf = (field: RangedField) => `${field.type} ${field.block ?? ""} ${isShaped(field) ? field.name : ""}`;
    const groups = new Map<string, Group>();
    for (const [key, those] of Map.groupBy(fields, keyOf)) {
      const { type } = those[0] as RangedField;
      const width = those.reduce((sum, field) => sum + valuesPerRow(field), 0);
      if (type !== "string") groups.set(key, new Group(type, width, room));
    }
    this.#groups = [...groups.values()];
    const offsets = new Map<Group, number>();
    this.#builders = asked.map(({ field, elements }) => {
      const group = groups.get(keyOf(field));
      const offset = (group && offsets.get(group)) ?? 0;
      if (group) offsets.set(group, offset + valuesPerRow(field));
      if (isShaped(field)) return new ListBuilder(field, group, elements);
      return group ? new NumberBuilder(field, group, offset) : new TextBuilder(field, room);
    });
  }

  add(chunk: Chunk, from: number, to: number): void {
    const rows = this.rows + to - from;
    if (rows > this.#room) {
      this.#room = Math.max(Math.ceil(this.#room * 1.5), rows);
      for (const group of this.#groups) group.grow(this.#room);
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
