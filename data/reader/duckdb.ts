import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Database as DuckDb } from "@duckdb/node-bindings";
import { Rows } from "./duckdb-rows.ts";

/** DuckDB's C functions: the package on top of them takes 30 ms more to load. */
export type DuckDbFunctions = typeof import("@duckdb/node-bindings");

interface Database {
  readonly duckdb: DuckDbFunctions;
  readonly instance: DuckDb;
}

/** The one folder that the database may read, and write to. */
let folderOnce: Promise<string> | undefined;
let database: Promise<Database> | undefined;
let users = 0;

export interface Session {
  /** A folder of this process alone, and all that the database can read or write. */
  readonly folder: string;
  /** Runs a statement for what it does. */
  run(sql: string): Promise<void>;
  /** All rows of a query, as texts; null for a missing value. */
  texts(sql: string): Promise<(string | null)[][]>;
  /** The rows of a query, in its order, some at a time. To be closed. */
  rows(sql: string): Promise<Rows>;
  /** Lets work use the connection itself. */
  use(work: (duckdb: DuckDbFunctions, connection: Connection) => Promise<void>): Promise<void>;
  /** The folder goes with the last session, for a process may end in ways that leave it no time to tidy up. */
  close(): void;
}

/** Connects to a database that can open the files of one folder and nothing else. The folder is there at once; the database opens in the meantime. */
export async function connect(): Promise<Session> {
  folderOnce ??= nameFolder();
  const folder = await folderOnce;
  database ??= open(folder);
  // Not recursive: a folder that already exists is another process's, and an error.
  if (users++ === 0) mkdirSync(folder, { mode: 0o700 });
  const main = database.then(async ({ duckdb, instance }) => {
    const connection = await duckdb.connect(instance);
    return { duckdb, instance, connection };
  });
  // Where it cannot be opened, the first query says so.
  main.catch(() => {});
  return {
    folder,
    async run(sql) {
      const { duckdb, connection } = await main;
      await run(duckdb, connection, sql);
    },
    async rows(sql) {
      const { duckdb, instance } = await main;
      // A connection has one query that runs.
      const own = await duckdb.connect(instance);
      const owner = {
        failure: () => failureOf(duckdb, own, sql),
        close: () => duckdb.disconnect_sync(own),
      };
      try {
        // Rows that wait for this thread: with DuckDB's 1 MB its threads wait instead.
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
  // File functions expand these in any part of a path, and offer no way to quote them.
  if (/[*?[\]]/.test(folder))
    throw new Error(`${tmpdir()} must not have * ? [ or ] in its name: set TMPDIR to another folder`);
  return folder;
}

/** Runs a query once more, without keeping its rows: DuckDB's functions for Node do not give the error of one that failed after its first rows. */
async function failureOf(duckdb: DuckDbFunctions, connection: Connection, sql: string): Promise<Error> {
  try {
    await run(duckdb, connection, `SELECT bit_xor(hash(rows)) FROM (${sql}) rows`);
  } catch (error) {
    return error as Error;
  }
  return new Error(
    "the database stopped reading before the last row. Try again; if it stays, check the file and the memory of this machine",
  );
}

async function run(duckdb: DuckDbFunctions, connection: Connection, sql: string): Promise<void> {
  await query(duckdb, connection, sql);
}

async function query(duckdb: DuckDbFunctions, connection: Connection, sql: string) {
  try {
    return await duckdb.query(connection, sql);
  } catch (error) {
    // Such an error ends the database: the next session opens another one.
    if (/^(?:INTERNAL|FATAL) Error/.test((error as Error).message)) database = undefined;
    throw error;
  }
}

/** Opened once, when the first file is read: it costs 30 ms, and whatever reads no data does not pay for it. */
async function open(folder: string): Promise<Database> {
  const { default: duckdb } = await import("@duckdb/node-bindings");
  const config = duckdb.create_config();
  for (const [name, value] of [
    ["autoinstall_known_extensions", "false"],
    ["autoload_known_extensions", "false"],
    // Nothing is spilled to disk.
    ["temp_directory", ""],
  ] as const)
    duckdb.set_config(config, name, value);
  const instance = await duckdb.open(":memory:", config);
  const connection = await duckdb.connect(instance);
  for (const sql of [
    // Of dates that name no zone.
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

/** A text as SQL writes it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The name of a column as SQL writes it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
