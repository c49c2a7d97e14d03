import { printable } from "../data/printable.ts";

/**
 * A failed request to the MLflow server. The message names the request, the server and its response; the cause is kept.
 * Escapes unprintable characters of the server's message, because it ends up on terminals and in logs.
 */
export class RegistryError extends Error {
  /** HTTP status of the response; undefined if the server did not respond. */
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
 * Returns true for the errors by which MLflow reports that something does not exist (a missing alias is a 400, not a 404). A bare 404
 * is not among them: it comes from a wrong base URL, and treating it as "does not exist" would continue with the wrong server.
 */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  return (
    error.code === "RESOURCE_DOES_NOT_EXIST" ||
    (error.code === "INVALID_PARAMETER_VALUE" && /alias .* not found/i.test(error.message))
  );
}

/** Returns true when the registry is unavailable: it did not respond, or responded with a server error. It may recover later. */
export const isSilence = (error: unknown): boolean =>
  error instanceof RegistryError && (error.status === undefined ? error.cause !== undefined : error.status >= 500);

/** Handler for `catch`: returns undefined for something that MLflow does not have. @throws any other error unchanged */
export function absent(error: unknown): undefined {
  if (isNotFound(error)) return undefined;
  throw error;
}

const UNRESOLVED = ["ENOTFOUND", "EAI_AGAIN"];

/**
 * Explains that this machine cannot resolve the name of a Kubernetes Service, which the default `kubernetes.access: direct` requires.
 * @param url of the request
 * @param code error code
 * @returns undefined for any other name or error
 */
export function inClusterHint(url: URL, code: string | undefined): string | undefined {
  if (!/\.svc(\.|$)/.test(url.hostname) || code === undefined || !UNRESOLVED.includes(code)) return undefined;
  return "This name resolves only inside the cluster. From elsewhere, set on both stacks: pulumi config set --path kubernetes.access port-forward";
}
