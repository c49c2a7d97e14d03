/**
 * Starts child processes with Node.
 * @module
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { messageOf, UserError } from "../failure.ts";

/** Creates the error for a child that could not be started. @param what subject of the sentence, such as `the program` */
export const couldNotStart = (what: string, cause: unknown): UserError =>
  new UserError(`${what} could not be started with ${process.execPath}: ${messageOf(cause)}${hint(cause)}`, { cause });

const hint = (cause: unknown): string =>
  (cause as NodeJS.ErrnoException).code === "E2BIG"
    ? ". The stack's config or the environment is larger than the system allows for a process: keep large values in files"
    : "";

/** Starts Node. @throws UserError if the system rejects it immediately; most errors come later, as the child's `error` event */
export function spawnNode(what: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(process.execPath, args, options);
  } catch (error) {
    throw couldNotStart(what, error);
  }
}
