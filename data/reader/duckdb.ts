import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Database as DuckDb } from "@duckdb/node-bindings";
import { Rows } from "./duckdb-rows.ts";

/** DuckDB's C functions: the package built on them takes another 30 ms to load. */
export type DuckDbFunctions = typeof import("@duckdb/node-bindings");

interface Database {
  readonly duckdb: DuckDbFunctions;
  readonly instance: DuckDb;
}

/** The only folder that the database may read and write. */
let folderOnce: Promise<string> | undefined;
let database: Promise<Database> | undefined;
let users = 0;

export interface Session {
  /** A private folder of this process, the only one that the database can read or write. */
  readonly folder: string;
  /** Runs a statement for its effect. */
  run(sql: string): Promise<void>;
  /** Returns all rows of a query, as strings; null for a missing value. */
  texts(sql: string): Promise<(string | null)[][]>;
  /** Streams the rows of a query in its order. Close it after use. */
  rows(sql: string): Promise<Rows>;
  /** Runs work with the connection itself. */
  use(work: (duckdb: DuckDbFunctions, connection: Connection) => Promise<void>): Promise<void>;
  /** Closes the session. The last one removes the folder now, because the process may exit without time to clean up. */
  close(): void;
}

/** Connects to a database that can open only the files of one folder. The folder exists at once; the database opens in the background. */
export async function connect(): Promise<Session> {
  folderOnce ??= nameFolder();
  const folder = await folderOnce;
  database ??= open(folder);
  // Not recursive, so that an existing folder is an error: it belongs to another process.
  if (users++ === 0) mkdirSync(folder, { mode: 0o700 });
  const main = database.then(async ({ duckdb, instance }) => {
    const connection = await duckdb.connect(instance);
    return { duckdb, instance, connection };
  });
  // The first query reports a failure to open the database.
  main.catch(() => {});
  return {
    folder,
    async run(sql) {
      const { duckdb, connection } = await main;
      await run(duckdb, connection, sql);
    },
    async rows(sql) {
      const { duckdb, instance } = await main;
      // A connection runs one query at a time.
      const own = await duckdb.connect(instance);
      const owner = {
        failure: () => failureOf(duckdb, own, sql),
        close: () => duckdb.disconnect_sync(own),
      };
      try {
        // Rows buffered for this thread. DuckDB's default of 1 MB would make its threads wait.
        await run(duckdb, own, "SET streaming_buffer_size = '64MB'");
        const statement = await duckdb.prepare(own, sql);
        const result = await duckdb.execute_prepared_streaming(statement);
        duckdb.destroy_prepare_sync(statement);
        return new Rows(duckdb, result, owner);
      } catch (error) {
        owner.close();
        throw error;
      }
    },
    async texts(sql) {
      const { duckdb, connection } = await main;
      const texts = `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql})`;
      const result = await query(duckdb, connection, texts);
      const found = new Rows(duckdb, result, { failure: () => failureOf(duckdb, connection, texts), close() {} });
      const all: (string | null)[][] = [];
      for (let chunk = await found.next(); chunk; chunk = await found.next()) {
        const columns = chunk.columns.map((column) => column.texts());
        for (let row = 0; row < chunk.rows; row++) all.push(columns.map((texts) => texts[row] ?? null));
      }
      return all;
    },
    async use(work) {
      const { duckdb, connection } = await main;
      await work(duckdb, connection);
    },
    close() {
      main.then(
        ({ duckdb, connection }) => duckdb.disconnect_sync(connection),
        () => {},
      );
      if (--users === 0) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function nameFolder(): Promise<string> {
  const folder = join(await realpath(tmpdir()), `snapshots-${randomUUID()}`);
  // DuckDB expands these characters in any part of a path, and they cannot be escaped.
  if (/[*?[\]]/.test(folder))
    throw new Error(`${tmpdir()} must not contain * ? [ or ] in its path: set TMPDIR to another folder`);
  return folder;
}

/** Runs a failed query again and discards its rows: DuckDB's Node functions do not return the error of a query that fails after its first rows. */
async function failureOf(duckdb: DuckDbFunctions, connection: Connection, sql: string): Promise<Error> {
  try {
    await run(duckdb, connection, `SELECT bit_xor(hash(rows)) FROM (${sql}) rows`);
  } catch (error) {
    return error as Error;
  }
  return new Error(
    "the database stopped reading before the last row. Try again; if it persists, check the file and this machine's memory",
  );
}

async function run(duckdb: DuckDbFunctions, connection: Connection, sql: string): Promise<void> {
  await query(duckdb, connection, sql);
}

async function query(duckdb: DuckDbFunctions, connection: Connection, sql: string) {
  try {
    return await duckdb.query(connection, sql);
  } catch (error) {
    // Such an error invalidates the database, so the next session opens a new one.
    if (/^(?:INTERNAL|FATAL) Error/.test((error as Error).message)) database = undefined;
    throw error;
  }
}

/** Opens the database. Called for the first file only: opening takes 30 ms, which commands that read no data avoid. */
async function open(folder: string): Promise<Database> {
  const { default: duckdb } = await import("@duckdb/node-bindings");
  const config = duckdb.create_config();
  for (const [name, value] of [
    ["autoinstall_known_extensions", "false"],
    ["autoload_known_extensions", "false"],
    // Prevents spilling to disk.
    ["temp_directory", ""],
  ] as const)
    duckdb.set_config(config, name, value);
  const instance = await duckdb.open(":memory:", config);
  const connection = await duckdb.connect(instance);
  for (const sql of [
    // For dates without a zone.
    "SET GLOBAL TimeZone = 'UTC'",
    `SET allowed_directories = [${literal(folder)}]`,
    "SET enable_external_access = false",
    "SET allowed_configs = ['streaming_buffer_size']",
    "SET lock_configuration = true",
  ])
    await run(duckdb, connection, sql);
  duckdb.disconnect_sync(connection);
  return { duckdb, instance };
}

/** Quotes a string as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Quotes a column's name for SQL. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
