import { RegistryError } from "./errors.ts";

/** How long a request to MLflow may take, and how often it is retried. */
export interface RetryPolicy {
  /** Milliseconds that one try may take; the transfer of a file gets more, by its size. */
  readonly timeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
}

const DEFAULTS = { timeoutMs: 30_000, retries: 4 };
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** A server that wants to be left alone for longer is left alone: the update fails and says so. */
const LONGEST_RETRY_AFTER_MS = 30_000;

/**
 * Reads the variables that MLflow's own client reads: MLFLOW_HTTP_REQUEST_TIMEOUT (seconds) and
 * MLFLOW_HTTP_REQUEST_MAX_RETRIES. Throws RegistryError when one is not a number that makes sense.
 */
export function retryPolicy(env: Readonly<Record<string, string | undefined>>): RetryPolicy {
  const read = (name: string, fallback: number, ok: (value: number) => boolean, wanted: string) => {
    const text = env[name]?.trim();
    if (!text) return fallback;
    const value = Number(text);
    if (ok(value)) return value;
    throw new RegistryError(`${name} must be ${wanted}, got ${JSON.stringify(text)}`);
  };
  const seconds = (value: number) => value > 0 && value <= 86_400;
  const count = (value: number) => Number.isInteger(value) && value >= 0 && value <= 20;
  return {
    timeoutMs:
      read("MLFLOW_HTTP_REQUEST_TIMEOUT", DEFAULTS.timeoutMs / 1000, seconds, "seconds between 0 and 86400") * 1000,
    retries: read("MLFLOW_HTTP_REQUEST_MAX_RETRIES", DEFAULTS.retries, count, "a whole number between 0 and 20"),
  };
}

/** Tries of a client in a Kubernetes pod: about a minute, as long as an MLflow server in the cluster takes to restart. */
const RETRIES_IN_POD = 20;

/** For a trainer: a Job is not started again when the registry is away for a moment. MLFLOW_HTTP_REQUEST_MAX_RETRIES counts as ever. */
export function trainerPolicy(env: Readonly<Record<string, string | undefined>>): RetryPolicy {
  const policy = retryPolicy(env);
  const isChosen = Boolean(env.MLFLOW_HTTP_REQUEST_MAX_RETRIES?.trim());
  return env.KUBERNETES_SERVICE_HOST && !isChosen ? { ...policy, retries: RETRIES_IN_POD } : policy;
}

/** What a lookup that can do without an answer waits for one, milliseconds, and the part of a longer time limit that it takes. */
const LOOKUP_MS = 5_000;
const LOOKUP_PART = 6;

/**
 * For lookups of previews and diffs, which go on without an answer: a registry that takes connections and answers nothing, such as a container that is
 * paused, would otherwise hold up each of them for a minute and a half.
 */
export const lookupPolicy = ({ timeoutMs, retries }: RetryPolicy): RetryPolicy => ({
  timeoutMs: Math.max(Math.min(timeoutMs, LOOKUP_MS), timeoutMs / LOOKUP_PART),
  retries,
});

/** What is known of a try that failed. */
export interface FailedTry {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** The answer came and was broken. */
  readonly broken?: boolean | undefined;
  /** Milliseconds that the server asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Whether the same request may get another answer later. */
export const isPassing = ({ status, broken }: FailedTry): boolean =>
  broken === true || status === undefined || [408, 429, 500, 502, 503, 504].includes(status);

/**
 * Milliseconds to wait before the next try; undefined when there shall be none. The pauses grow, and are spread so that
 * clients that failed together do not come back together.
 * @param tries how many were made
 * @param elapsedMs since the first began: no try begins after twice the time that one may take
 * @param random between 0 and 1
 */
export function pauseBeforeNext(
  { timeoutMs, retries }: RetryPolicy,
  { tries, elapsedMs, failed }: { tries: number; elapsedMs: number; failed: FailedTry },
  random: number,
): number | undefined {
  if (!isPassing(failed) || tries > retries || elapsedMs >= 2 * timeoutMs) return undefined;
  const { retryAfterMs = 0 } = failed;
  if (retryAfterMs > LONGEST_RETRY_AFTER_MS) return undefined;
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return retryAfterMs + longest * (0.5 + random / 2);
}

/**
 * Milliseconds in a Retry-After header, given in seconds or as a date; undefined when it is not usable.
 * @param now milliseconds since 1970
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
