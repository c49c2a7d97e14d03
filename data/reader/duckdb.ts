import { rmSync } from "node:fs";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

interface Database {
  readonly instance: DuckDBInstance;
  /** The one folder that it may read. */
  readonly folder: string;
}

let database: Promise<Database> | undefined;

/** A folder of this process alone, and a connection to a database that can open files in it and nothing else. Close the connection after use. */
export async function connect(): Promise<{ readonly connection: DuckDBConnection; readonly folder: string }> {
  database ??= open();
  const { instance, folder } = await database;
  return { connection: await instance.connect(), folder };
}

/** Opened once, when the first file is read: it costs 20 ms, and whatever reads no data does not pay for it. */
async function open(): Promise<Database> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(await realpath(tmpdir()), "snapshots-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
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
