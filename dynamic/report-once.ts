import { inspect } from "node:util";
import { engineAddress } from "./end-with-engine.ts";

/** Replaces an error in the line that Pulumi's process prints. */
const REPORTED = "[reported by the engine]";
let quiet = false;

/**
 * Pulumi's process prints `${error}: ${error.stack}` for a failed check, diff, read or delete, besides the message that the engine shows
 * with the resource: the same text three times, plus a stack trace. This suppresses that line and no other.
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
 * Prepares a provider's error for the engine, which shows its message once. Fields such as `cause`, and those of a partially created
 * resource, are kept.
 */
export function reportOnce(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
  // The embedded engine already shows a message once, and a trace on request.
  if (engineAddress === undefined) return error;
  if (isDebugging()) console.error(inspect(error));
  leaveOutReported();
  Object.defineProperty(error, "toString", { value: () => REPORTED, configurable: true });
  return error;
}
