import * as pulumi from "@pulumi/pulumi";
import { isDebugging } from "../dynamic/report-once.ts";

const BUGS = [TypeError, ReferenceError, RangeError, SyntaxError, EvalError];

/**
 * Whether an error points at a fault in the code, of which a stack trace says more than the message. Errors with a `code` or a `cause`,
 * such as those of URL and fetch, are about what the code was given.
 */
export const isBug = (error: Error): boolean =>
  BUGS.some((kind) => error instanceof kind) && !("code" in error) && error.cause === undefined;

/** What the SDK puts before the message of an error, for each property that waited for the output in which it was thrown. */
const WAITING_PROPERTIES = /^(error serializing property "[^"]*": )+/;

/**
 * Makes a refusal look like one to Pulumi, as if it were a RunError: the engine then shows its message, without "failed with an unhandled
 * exception" and without a stack trace. With PULUMI_DEBUG, and for bugs, the trace stays.
 */
export function markRefusal(error: unknown, debugging = isDebugging()): void {
  if (debugging || !(error instanceof Error) || isBug(error) || error instanceof pulumi.ResourceError) return;
  error.message = error.message.replace(WAITING_PROPERTIES, "");
  // What tells a RunError from others is a property, since there may be several copies of the SDK.
  Object.assign(error, new pulumi.RunError(error.message));
}

/**
 * Lets every refusal of the program end as one plain error, wherever it was thrown: in the program itself, or later in an `apply`. Pulumi
 * reports what nothing has caught; this looks at it first.
 */
export function showErrorsPlainly(): void {
  const mark = (error: unknown) => markRefusal(error);
  // Where nothing listens, as in a script that imports the program, Node itself ends the process: it must go on doing so.
  if (process.listenerCount("uncaughtException") > 0) process.prependListener("uncaughtException", mark);
  if (process.listenerCount("unhandledRejection") > 0) process.prependListener("unhandledRejection", mark);
}
