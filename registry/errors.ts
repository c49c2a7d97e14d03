import { printable } from "./printable.ts";

/**
 * A request to the MLflow server that failed: says what was asked of which server, what it answered, and keeps the cause.
 * The server's message is made printable: it ends up on terminals and in logs.
 */
export class RegistryError extends Error {
  /** HTTP status of the answer; undefined when the server did not answer. */
  readonly status: number | undefined;
  /** MLflow's own error code, such as RESOURCE_DOES_NOT_EXIST. */
  readonly code: string | undefined;

  constructor(message: string, details: { status?: number; code?: string; cause?: unknown } = {}) {
    super(printable(message), { cause: details.cause });
    this.name = "RegistryError";
    this.status = details.status;
    this.code = details.code;
  }
}

/**
 * True for the errors by which MLflow says that a thing is not there (a missing alias is a 400, not a 404). A bare 404 is not
 * one of them: it comes from a wrong base URL; taking it for "does not exist" would continue with the wrong server.
 */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  return (
    error.code === "RESOURCE_DOES_NOT_EXIST" ||
    (error.code === "INVALID_PARAMETER_VALUE" && /alias .* not found/i.test(error.message))
  );
}

/** True when the registry did not answer, or not for itself: it is down, and may be there again in a while. */
export const isSilence = (error: unknown): boolean =>
  error instanceof RegistryError && (error.status === undefined ? error.cause !== undefined : error.status >= 500);

/** For `catch`: undefined for what MLflow does not have. @throws any other error again */
export function absent(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}
