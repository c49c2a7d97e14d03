/**
 * Errors whose message is shown to the user without a stack trace.
 * @module
 */

/** The CLI's exit codes; any other failure exits with 1. */
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

/** The problem has already been reported; only the exit code remains to be set. */
export class AlreadyReported extends Error {
  override readonly name = "AlreadyReported";
  readonly exitCode: number;
  constructor(message = "already reported", exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const INSTALL_CLI =
  "Get it with `npm install --save-dev pulumi` (then `npx pulumi …`) or from https://www.pulumi.com/docs/install/.";

/**
 * Returns the error for an unsupported feature. Such features are rejected by name, never ignored: a silently dropped flag or
 * option would change what happens to real resources.
 */
export function needsPulumiCli(what: string): UserError {
  return new UserError(`${what} is not supported by this engine: this stack requires the Pulumi CLI. ${INSTALL_CLI}`);
}

/** Whether the error comes from the operating system, whose message is sufficient without a stack trace. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps Node from exiting on a rejection that is awaited later or never. Awaiting the promise still throws. */
export function failsLater(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
