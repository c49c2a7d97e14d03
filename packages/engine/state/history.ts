/**
 * The history of a stack, newest first, in the format of the CLI's file backend.
 * @module
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../failure.ts";
import { replaceFileSync } from "./atomic-file.ts";
import type { Layout, StackName } from "./layout.ts";
import type { JsonMap } from "./stored-resource.ts";

export interface UpdateRecord {
  readonly kind: "update" | "refresh" | "destroy" | "import";
  readonly startTime: number;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Config as stored, with encrypted secrets. */
  readonly config: JsonMap;
  readonly version: number;
  readonly result: "succeeded" | "failed";
  readonly endTime: number;
  readonly resourceChanges: Readonly<Record<string, number>>;
}

/** Nanoseconds since the epoch, which sort the files by name. */
const stamp = () => `${Date.now()}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, "0")}`;

export function addToHistory(layout: Layout, name: StackName, record: UpdateRecord): void {
  const prefix = join(layout.history(name), `${name.stack}-${stamp()}`);
  replaceFileSync(`${prefix}.history.json`, JSON.stringify(record));
  copyFileSync(layout.checkpoint(name), `${prefix}.checkpoint.json`);
  mkdirSync(layout.backups(name), { recursive: true });
  copyFileSync(layout.checkpoint(name), join(layout.backups(name), `${name.stack}.${stamp()}.json`));
}

export function readHistory(layout: Layout, name: StackName, pageSize: number, page: number): UpdateRecord[] {
  let files: string[];
  try {
    files = readdirSync(layout.history(name));
  } catch {
    return [];
  }
  const entries = files.filter((file) => file.endsWith(".history.json")).sort((a, b) => (a < b ? 1 : -1));
  const start = pageSize > 0 ? (page - 1) * pageSize : 0;
  return entries.slice(start, pageSize > 0 ? start + pageSize : undefined).map((file) => {
    const path = join(layout.history(name), file);
    try {
      return JSON.parse(readFileSync(path, "utf8")) as UpdateRecord;
    } catch (error) {
      throw new UserError(
        `the history file ${path} cannot be read: ${error instanceof Error ? error.message : error}`,
        {
          cause: error,
        },
      );
    }
  });
}
