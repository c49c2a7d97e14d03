import * as pulumi from "@pulumi/pulumi";
import { isDebugging } from "../dynamic/report-once.ts";

const BUGS = [TypeError, ReferenceError, RangeError, SyntaxError, EvalError];

/**
 * Whether an error points to a bug, for which a stack trace is more useful than the message. Errors with a `code` or a `cause`,
 * such as those of URL and fetch, concern the code's inputs.
 */
export const isBug = (error: Error): boolean =>
  BUGS.some((kind) => error instanceof kind) && !("code" in error) && error.cause === undefined;

/** The SDK's prefix of an error message, for each property that waited for the failed output. */
const WAITING_PROPERTIES = /^(error serializing property "[^"]*": )+/;

/**
 * Marks a refusal as a RunError: the engine then shows only its message, without "failed with an unhandled exception" and without a
 * stack trace. With PULUMI_DEBUG, and for bugs, the trace is kept.
 */
export function markRefusal(error: unknown, debugging = isDebugging()): void {
  if (debugging || !(error instanceof Error) || isBug(error) || error instanceof pulumi.ResourceError) return;
  error.message = error.message.replace(WAITING_PROPERTIES, "");
  // RunErrors are recognized by a property, because there may be several copies of the SDK.
  Object.assign(error, new pulumi.RunError(error.message));
}

/**
 * Turns every refusal into one plain error, whether thrown in the program itself or later in an `apply`. Pulumi reports uncaught errors;
 * this handler sees them first.
 */
export function showErrorsPlainly(): void {
  const mark = (error: unknown) => markRefusal(error);
  // Without other listeners, as in a script that imports the program, Node itself must still exit.
  if (process.listenerCount("uncaughtException") > 0) process.prependListener("uncaughtException", mark);
  if (process.listenerCount("unhandledRejection") > 0) process.prependListener("unhandledRejection", mark);
}
