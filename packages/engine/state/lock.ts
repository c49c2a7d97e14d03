/**
 * Lock files, in the CLI's format, that allow one update at a time. Stale locks are recognized.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../failure.ts";
import { replaceFileSync } from "./atomic-file.ts";
import type { Layout, StackName } from "./layout.ts";

interface LockContent {
  readonly pid?: number;
  readonly username?: string;
  readonly hostname?: string;
  readonly timestamp?: string;
}

const listLocks = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
};

function readLock(file: string): LockContent {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockContent;
  } catch {
    // Just being written, or damaged, but still a lock.
    return {};
  }
}

/** Whether a lock's process no longer runs. Processes on other machines cannot be checked. */
function isStale({ pid, hostname: host }: LockContent): boolean {
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function requireUnlocked(folder: string, own: string): void {
  const others = listLocks(folder).filter((file) => file !== own);
  if (others.length === 0) return;
  const lines = others.map((file) => {
    const lock = readLock(file);
    const by = `created by ${lock.username ?? "?"}@${lock.hostname ?? "?"} (pid ${lock.pid ?? "?"}) at ${lock.timestamp ?? "?"}`;
    const stale = isStale(lock) ? "; that process no longer runs: the lock is stale" : "";
    return `\n  ${pathToFileURL(file)}: ${by}${stale}`;
  });
  throw new UserError(
    `the stack is currently locked by ${others.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.${lines.join("")}`,
  );
}

export interface Lock {
  release(): void;
}

export function takeLock(layout: Layout, name: StackName): Lock {
  const folder = layout.locks(name);
  const file = join(folder, `${randomUUID()}.json`);
  requireUnlocked(folder, file);
  mkdirSync(folder, { recursive: true });
  const content: LockContent = {
    pid: process.pid,
    username: userInfo().username,
    hostname: hostname(),
    timestamp: new Date().toISOString(),
  };
  replaceFileSync(file, JSON.stringify(content));
  const release = () => rmSync(file, { force: true });
  try {
    // If two updates start at the same time, each sees the other's file and both give way.
    requireUnlocked(folder, file);
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Removes every lock of a stack and returns their number. */
export function removeLocks(layout: Layout, name: StackName): number {
  const files = listLocks(layout.locks(name));
  for (const file of files) rmSync(file, { force: true });
  return files.length;
}
