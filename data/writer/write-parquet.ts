import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "@duckdb/node-bindings";
import { connect, type DuckDbFunctions, identifier, literal } from "../reader/duckdb.ts";
import type { Table } from "../table.ts";
import { vectorWriter } from "./write-vector.ts";

/**
 * Writes a table to a Parquet file. Missing values become null, datetimes become instants, and a field with dimensions becomes a flat list.
 * @param path must be on the file system of the temporary folder; an existing file is replaced
 * @throws RangeError for two columns whose names differ only in case; Error if the file cannot be written
 */
export async function writeParquet(table: Table, path: string): Promise<void> {
  rejectCaseTwins(table);
  const session = await connect();
  try {
    // The database can write only to this folder.
    const file = join(session.folder, `${randomUUID()}.parquet`);
    await session.use(async (duckdb, connection) => {
      const name = `written_${randomUUID().replaceAll("-", "")}`;
      await fill(duckdb, connection, name, table);
      try {
        const columns = table.fields.map((field, index) => `c${index} AS ${identifier(field.name)}`);
        await duckdb.query(
          connection,
          `COPY (SELECT ${columns.join(", ")} FROM ${name}) TO ${literal(file)} (FORMAT parquet)`,
        );
      } finally {
        await duckdb.query(connection, `DROP TABLE ${name}`);
      }
    });
    await rename(file, path);
  } finally {
    session.close();
  }
}

/** Rejects names that differ only in case: the database treats `Age` and `age` as equal, and would rename the second. */
function rejectCaseTwins({ fields }: Table): void {
  const seen = new Map<string, string>();
  for (const { name } of fields) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) throw new RangeError(`columns ${other} and ${name} differ only in case`);
    seen.set(name.toLowerCase(), name);
  }
}

/** Creates a database table with the rows of `table`. */
async function fill(duckdb: DuckDbFunctions, connection: Connection, name: string, table: Table): Promise<void> {
  const writers = table.fields.map((field, index) => vectorWriter(duckdb, field, table, index));
  const columns = writers.map(({ sql }, index) => `c${index} ${sql}`);
  await duckdb.query(connection, `CREATE TABLE ${name} (${columns.join(", ")})`);
  const appender = duckdb.appender_create(connection, null, name);
  const most = duckdb.vector_size();
  for (let start = 0; start < table.rows; start += most) {
    const rows = Math.min(most, table.rows - start);
    const chunk = duckdb.create_data_chunk(writers.map(({ type }) => type));
    duckdb.data_chunk_set_size(chunk, rows);
    for (const [index, { write }] of writers.entries()) write(duckdb.data_chunk_get_vector(chunk, index), start, rows);
    duckdb.append_data_chunk(appender, chunk);
  }
  duckdb.appender_close_sync(appender);
}
