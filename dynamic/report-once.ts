import { inspect } from "node:util";
import { engineAddress } from "./exit-with-engine.ts";

/** Stands for an error in the line that Pulumi's process prints, so that the line can be recognised. */
const REPORTED = "[reported by the engine]";
let isSuppressing = false;

/**
 * Suppresses the line `${error}: ${error.stack}` that Pulumi's process prints for a failed check, diff, read or delete, and no other.
 * The engine already shows the message with the resource; with that line it would appear three times, plus a stack trace.
 */
function suppressReported(): void {
  if (isSuppressing) return;
  isSuppressing = true;
  const print = console.error;
  console.error = (...args: unknown[]) => {
    if (typeof args[0] !== "string" || !args[0].startsWith(REPORTED)) print(...args);
  };
}

/** Returns whether PULUMI_DEBUG asks for the stack traces and causes of errors. */
export const isDebugging = (env: NodeJS.ProcessEnv = process.env): boolean =>
  env.PULUMI_DEBUG !== undefined && !["", "0", "false"].includes(env.PULUMI_DEBUG);

/**
 * Prepares a provider's error for the engine, which then shows its message once. Keeps fields such as `cause` and those of a partially
 * created resource.
 */
export function reportOnce(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
  // The embedded engine already shows each message once, and stack traces on request.
  if (engineAddress === undefined) return error;
  if (isDebugging()) console.error(inspect(error));
  suppressReported();
  Object.defineProperty(error, "toString", { value: () => REPORTED, configurable: true });
  return error;
}
