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

/** Control characters, and those by which text changes its direction: they move a terminal's cursor, forge lines, hide text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Untrusted text (a server's message, a tag, a name in a model's file) as part of one line of a log or a terminal:
 * what cannot be seen is written as its code, such as `\u001b`.
 */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same for text of several lines. */
export const printableLines = (text: string): string => text.split("\n").map(printable).join("\n");

const UNRESOLVED = ["ENOTFOUND", "EAI_AGAIN"];

/**
 * Explains a name of a Kubernetes Service that this machine cannot resolve, as the default `kubernetes.access: direct` needs it to.
 * @param url that was asked
 * @param code of the error
 * @returns undefined for any other name or error
 */
export function inClusterHint(url: URL, code: string | undefined): string | undefined {
  if (!/\.svc(\.|$)/.test(url.hostname) || code === undefined || !UNRESOLVED.includes(code)) return undefined;
  return "This name resolves only inside the cluster. From elsewhere, set on both stacks: pulumi config set --path kubernetes.access port-forward";
}
