import type { DataChunk, Result, Vector } from "@duckdb/node-bindings";
import type { DuckDbFunctions } from "./duckdb.ts";

/** Some rows of a query, in the database's own memory. They are valid only until the next chunk is requested. */
export interface Chunk {
  readonly rows: number;
  readonly columns: readonly ChunkColumn[];
  /** Freed when it is garbage-collected, so it must be referenced while the columns are read. */
  readonly memory: DataChunk;
}

/** Hooks of a query. */
export interface RowsOwner {
  /** Finds the reason for a failed query. */
  failure(): Promise<Error>;
  /** Called when the rows are closed. */
  close(): void;
}

/** Streams the rows of a running query. */
export class Rows {
  readonly #duckdb: DuckDbFunctions;
  readonly #result: Result;
  readonly #owner: RowsOwner;
  #next: Promise<DataChunk | null>;

  constructor(duckdb: DuckDbFunctions, result: Result, owner: RowsOwner) {
    this.#duckdb = duckdb;
    this.#result = result;
    this.#owner = owner;
    this.#next = this.#fetch();
  }

  /** Returns the next chunk; undefined after the last row. @throws Error if the query fails, even after many rows */
  async next(): Promise<Chunk | undefined> {
    const duckdb = this.#duckdb;
    const chunk = await this.#next;
    const rows = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (!chunk || rows === 0) {
      // Fetching does not report a query that fails midway: the rows would seem to end there.
      if (duckdb.result_return_type(this.#result) === duckdb.ResultType.INVALID) throw await this.#owner.failure();
      return undefined;
    }
    // The database prepares the next chunk while this thread processes the current one.
    this.#next = this.#fetch();
    const columns = Array.from(
      { length: duckdb.data_chunk_get_column_count(chunk) },
      (_, column) => new ChunkColumn(duckdb, duckdb.data_chunk_get_vector(chunk, column), rows),
    );
    return { rows, columns, memory: chunk };
  }

  /** Ends a query whose remaining rows are not needed. */
  async close(): Promise<void> {
    await this.#next.catch(() => {});
    this.#owner.close();
  }

  #fetch(): Promise<DataChunk | null> {
    const next = this.#duckdb.fetch_chunk(this.#result);
    // A failure is reported by the call that awaits the chunk.
    next.catch(() => {});
    return next;
  }
}

/** Bytes of a string's entry: its length, then either up to 12 bytes inline or a pointer to the bytes. */
const TEXT_BYTES = 16;
export const INLINE_TEXT_BYTES = 12;

/** A column of a chunk, or of a list's elements. */
export class ChunkColumn {
  readonly rows: number;
  /** One bit per row, 1 for a value; undefined if every row has a value. */
  readonly valid: Uint8Array | undefined;
  readonly #duckdb: DuckDbFunctions;
  readonly #vector: Vector;

  constructor(duckdb: DuckDbFunctions, vector: Vector, rows: number) {
    this.#duckdb = duckdb;
    this.#vector = vector;
    this.rows = rows;
    const bits = rows === 0 ? null : duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
    this.valid = bits && hasGap(bits, rows) ? bits : undefined;
  }

  has(row: number): boolean {
    return this.valid === undefined || ((this.valid[row >> 3] as number) & (1 << (row & 7))) !== 0;
  }

  /** Returns the memory of values of this many bytes each. */
  bytes(size: number): Uint8Array {
    if (this.rows === 0) return new Uint8Array();
    return this.#duckdb.vector_get_data(this.#vector, this.rows * size);
  }

  /** Returns the column's values. @param array typed array class for the column's type */
  values<Values>(array: {
    new (memory: ArrayBufferLike, offset: number, length: number): Values;
    BYTES_PER_ELEMENT: number;
  }): Values {
    const { buffer, byteOffset } = this.bytes(array.BYTES_PER_ELEMENT);
    return new array(buffer, byteOffset, this.rows);
  }

  /** Returns the column's strings; null for a missing one. */
  texts(): (string | null)[] {
    const bytes = this.textBytes();
    return Array.from({ length: this.rows }, (_, row) => (this.has(row) ? this.textAt(bytes, row) : null));
  }

  /** Returns the memory of the strings, for textAt. */
  textBytes(): Buffer {
    const { buffer, byteOffset, length } = this.bytes(TEXT_BYTES);
    return Buffer.from(buffer, byteOffset, length);
  }

  /** Returns the string of a row. @param bytes result of textBytes */
  textAt(bytes: Buffer, row: number): string {
    const start = row * TEXT_BYTES;
    const length = bytes.readUInt32LE(start);
    if (length <= INLINE_TEXT_BYTES) return bytes.toString("utf8", start + 4, start + 4 + length);
    const found = this.#duckdb.get_data_from_pointer(bytes.buffer as ArrayBuffer, bytes.byteOffset + start + 8, length);
    return Buffer.from(found.buffer, found.byteOffset, length).toString();
  }

  /** Returns the position of each row's list among the elements: four words per row, the first is the start and the third is the length. */
  listEntries(): Uint32Array {
    const { buffer, byteOffset } = this.bytes(16);
    return new Uint32Array(buffer, byteOffset, this.rows * 4);
  }

  /** Returns the elements of all lists as a column. */
  elements(): ChunkColumn {
    const duckdb = this.#duckdb;
    return new ChunkColumn(
      duckdb,
      duckdb.list_vector_get_child(this.#vector),
      duckdb.list_vector_get_size(this.#vector),
    );
  }
}

function hasGap(bits: Uint8Array, rows: number): boolean {
  const whole = rows >> 3;
  for (let at = 0; at < whole; at++) if (bits[at] !== 255) return true;
  const rest = (1 << (rows & 7)) - 1;
  return rest > 0 && ((bits[whole] as number) & rest) !== rest;
}
