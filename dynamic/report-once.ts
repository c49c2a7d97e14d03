import { inspect } from "node:util";
import { engineAddress } from "./pulumi-process.ts";

/** Stands for an error in the line that Pulumi's process prints of it. */
const REPORTED = "[reported by the engine]";
let quiet = false;

/**
 * Pulumi's process prints `${error}: ${error.stack}` of a failed check, diff, read or delete, beside the message that the engine shows
 * with the resource: the same text three times, and a stack trace. This leaves that line out, and no other.
 */
function leaveOutReported(): void {
  if (quiet) return;
  quiet = true;
  const print = console.error;
  console.error = (...args: unknown[]) => {
    if (typeof args[0] !== "string" || !args[0].startsWith(REPORTED)) print(...args);
  };
}

/** PULUMI_DEBUG shows the stack traces of errors, and their causes. */
export const isDebugging = (env: NodeJS.ProcessEnv = process.env): boolean =>
  env.PULUMI_DEBUG !== undefined && !["", "0", "false"].includes(env.PULUMI_DEBUG);

/**
 * Prepares what a provider has thrown for the engine, which shows its message once. Fields such as `cause`, and those of a resource
 * that was half made, stay as they are.
 */
export function reportOnce(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
  // The embedded engine's process shows a message once by itself, and a trace when it is asked for.
  if (engineAddress === undefined) return error;
  if (isDebugging()) console.error(inspect(error));
  leaveOutReported();
  Object.defineProperty(error, "toString", { value: () => REPORTED, configurable: true });
  return error;
}
