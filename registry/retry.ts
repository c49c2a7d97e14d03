import { RegistryError } from "./errors.ts";

/** Timeout and retry limit for requests to MLflow. */
export interface RetryPolicy {
  /** Timeout of one attempt in milliseconds; extended for a file transfer according to its size. */
  readonly timeoutMs: number;
  /** Attempts after the first. */
  readonly retries: number;
}

const DEFAULTS = { timeoutMs: 30_000, retries: 4 };
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
/** Longer Retry-After values are not honoured: the request fails instead of waiting. */
const LONGEST_RETRY_AFTER_MS = 30_000;

/**
 * Reads the variables that MLflow's own client reads: MLFLOW_HTTP_REQUEST_TIMEOUT (seconds) and
 * MLFLOW_HTTP_REQUEST_MAX_RETRIES.
 * @throws RegistryError when one is not a number in its range
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

/** Retries in a Kubernetes pod. They take about a minute, as long as an MLflow server in the cluster needs to restart. */
const RETRIES_IN_POD = 20;

/**
 * Returns the policy for a trainer. In a pod it retries longer, because a Job is not restarted after a short registry outage.
 * MLFLOW_HTTP_REQUEST_MAX_RETRIES overrides this.
 */
export function trainerPolicy(env: Readonly<Record<string, string | undefined>>): RetryPolicy {
  const policy = retryPolicy(env);
  const isChosen = Boolean(env.MLFLOW_HTTP_REQUEST_MAX_RETRIES?.trim());
  return env.KUBERNETES_SERVICE_HOST && !isChosen ? { ...policy, retries: RETRIES_IN_POD } : policy;
}

/** Timeout of an optional lookup in milliseconds, and the fraction (1/n) of a long timeout that it may take instead. */
const LOOKUP_MS = 5_000;
const LOOKUP_FRACTION = 6;

/**
 * Returns the policy for optional lookups, which previews and diffs can do without. A registry that accepts connections but never responds,
 * such as a paused container, would otherwise delay each of them by a minute and a half.
 */
export const lookupPolicy = ({ timeoutMs, retries }: RetryPolicy): RetryPolicy => ({
  timeoutMs: Math.max(Math.min(timeoutMs, LOOKUP_MS), timeoutMs / LOOKUP_FRACTION),
  retries,
});

/** Describes a failed attempt. */
export interface FailedAttempt {
  /** HTTP status; undefined if there was no response. */
  readonly status: number | undefined;
  /** Whether the response was truncated or malformed. */
  readonly broken?: boolean | undefined;
  /** Wait that the server's Retry-After header requested, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** Returns whether the same request may succeed later. */
export const isTransient = ({ status, broken }: FailedAttempt): boolean =>
  broken === true || status === undefined || [408, 429, 500, 502, 503, 504].includes(status);

/**
 * Returns the milliseconds to wait before the next attempt, or undefined to give up. Delays grow exponentially. Jitter keeps clients that
 * failed together from retrying together.
 * @param attempts number of attempts so far
 * @param elapsedMs since the first attempt started; no attempt starts after twice the timeout
 * @param random between 0 and 1
 */
export function retryDelay(
  { timeoutMs, retries }: RetryPolicy,
  { attempts, elapsedMs, failed }: { attempts: number; elapsedMs: number; failed: FailedAttempt },
  random: number,
): number | undefined {
  if (!isTransient(failed) || attempts > retries || elapsedMs >= 2 * timeoutMs) return undefined;
  const { retryAfterMs = 0 } = failed;
  if (retryAfterMs > LONGEST_RETRY_AFTER_MS) return undefined;
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempts - 1));
  return retryAfterMs + longest * (0.5 + random / 2);
}

/**
 * Parses a Retry-After header, in seconds or as a date, to milliseconds; undefined if it is not valid.
 * @param now milliseconds since 1970
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
