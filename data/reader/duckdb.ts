import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

interface Database {
  readonly instance: DuckDBInstance;
  /** The one folder that it may read. */
  readonly folder: string;
}

let database: Promise<Database> | undefined;
let users = 0;

export interface Session {
  readonly connection: DuckDBConnection;
  /** A folder of this process alone, and all that the database can read. */
  readonly folder: string;
  /** The folder goes with the last session, for a process may end in ways that leave it no time to tidy up. */
  close(): void;
}

/** Connects to a database that can open the files of one folder and nothing else. */
export async function connect(): Promise<Session> {
  database ??= open();
  const { instance, folder } = await database;
  const connection = await instance.connect();
  // Not recursive: a folder that already exists is another process's, and an error.
  if (users++ === 0) mkdirSync(folder, { mode: 0o700 });
  return {
    connection,
    folder,
    close() {
      connection.closeSync();
      if (--users === 0) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opened once, when the first file is read: it costs 20 ms, and whatever reads no data does not pay for it. */
async function open(): Promise<Database> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = join(await realpath(tmpdir()), `snapshots-${randomUUID()}`);
  // File functions expand these in any part of a path, and offer no way to quote them.
  if (/[*?[\]]/.test(folder))
    throw new Error(`${tmpdir()} must not have * ? [ or ] in its name: set TMPDIR to another folder`);
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // Nothing is spilled to disk.
    temp_directory: "",
  });
  const connection = await instance.connect();
  // Of dates that name no zone.
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run(`SET allowed_directories = [${literal(folder)}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
  connection.closeSync();
  return { instance, folder };
}

/** A text as SQL writes it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The name of a column as SQL writes it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
