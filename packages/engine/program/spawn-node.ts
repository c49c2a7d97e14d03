/**
 * Starts child processes with Node.
 * @module
 */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { getCompileCacheDir } from "node:module";
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

/** Returns the environment with Node's compile cache, which halves the loading time of the SDK. Keeps the user's own setting, on or off. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { env } = process;
  const cache = getCompileCacheDir();
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined || cache === undefined)
    return env;
  return { ...env, NODE_COMPILE_CACHE: cache };
}
