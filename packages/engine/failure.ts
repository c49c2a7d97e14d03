/**
 * Errors shown to the user as they are: one clear message, no stack trace.
 * @module
 */

/** The CLI's exit codes; everything else that fails ends with 1. */
export const EXIT = { configuration: 2, stackNotFound: 6, noChanges: 7 } as const;

/** An error that the user can act on. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly exitCode: number;
  constructor(message: string, options?: ErrorOptions & { exitCode?: number }) {
    super(message, options);
    this.exitCode = options?.exitCode ?? 1;
  }
}

/** Something has been reported already; only the exit code is left to set. */
export class AlreadyReported extends Error {
  override readonly name = "AlreadyReported";
  readonly exitCode: number;
  constructor(message = "already reported", exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const HOW_TO_GET_IT =
  "Get it with `npm install --save-dev pulumi` (then `npx pulumi …`) or from https://www.pulumi.com/docs/install/.";

/**
 * The engine is small on purpose. What it does not build is refused by name, never ignored: a flag or an option that is
 * silently dropped would change what happens to real resources.
 */
export function needsPulumiCli(what: string): UserError {
  return new UserError(`${what} is not built into this engine: this stack needs the Pulumi CLI. ${HOW_TO_GET_IT}`);
}

/** Whether the operating system refused something. Its message says what: no code position adds to that. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps Node from exiting on a rejection that is awaited later, or never. Awaiting the promise still throws. */
export function failsLater(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
