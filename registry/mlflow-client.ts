import { setTimeout as sleep } from "node:timers/promises";
import { describeAttempts, describeRequest } from "./describe-request.ts";
import { inClusterHint, RegistryError } from "./errors.ts";
import type { Fetch } from "./fetch-by-agent.ts";
import { readAtMost, TooLongError } from "./read-body.ts";
import { type RegistryRoute, routeTo } from "./registry-route.ts";
import {
  type FailedAttempt,
  isTransient,
  lookupPolicy,
  type RetryPolicy,
  readRetryAfter,
  retryDelay,
  retryPolicy,
} from "./retry.ts";
import { parseTrackingUri, withoutUser } from "./tracking-uri.ts";

/** Address of an MLflow server, and how to sign in. */
export interface RegistryAccess {
  /** Base URL of the server, such as `http://127.0.0.1:5050`. */
  readonly trackingUri: string;
  /** Basic authentication (MLflow's own, DagsHub's). */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Bearer token; takes precedence over username and password, as in MLflow's own client. */
  readonly token?: string | undefined;
}

/** Reads the variables that MLflow's own client reads: MLFLOW_TRACKING_URI, _USERNAME, _PASSWORD, _TOKEN. */
export function accessFromEnvironment(env: Record<string, string | undefined> = process.env): RegistryAccess {
  const trackingUri = env.MLFLOW_TRACKING_URI?.trim();
  if (!trackingUri)
    throw new RegistryError(
      "MLFLOW_TRACKING_URI is not set. Set it to the MLflow server's URL, for example http://127.0.0.1:5050",
    );
  return {
    trackingUri,
    username: env.MLFLOW_TRACKING_USERNAME,
    password: env.MLFLOW_TRACKING_PASSWORD,
    token: env.MLFLOW_TRACKING_TOKEN,
  };
}

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

interface RequestOptions {
  readonly query?: Record<string, string | number | undefined>;
  /** Sent as JSON unless it is bytes. */
  readonly body?: object | Uint8Array<ArrayBuffer>;
  /** Marks a POST as safe to retry: sending it twice has the same effect, or its caller handles an "already exists" error. */
  readonly idempotent?: boolean;
  /** Expected length of the response, if known: a proxy may truncate one without an error. */
  readonly bytes?: number | undefined;
  /** Longer responses are rejected. */
  readonly maxBytes?: number;
}

/** Limit for a JSON response: a page of 1,000 versions with all their tags takes a few megabytes. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** Result of one attempt: the parsed response, or a description of the failure. */
type Attempt<T> =
  | { readonly response: T }
  | { readonly problem: string; readonly failed: FailedAttempt; readonly details: { code?: string; cause?: unknown } };

/**
 * A thin client for MLflow's REST API 2.0. It handles requests, errors and retries; the modules beside it know the endpoints.
 */
export class MlflowClient {
  readonly trackingUri: string;
  private readonly authorization: string | undefined;
  private readonly policy: RetryPolicy;
  private readonly route: RegistryRoute | undefined;
  private sender: Promise<Fetch> | undefined;

  constructor(access: RegistryAccess, policy: RetryPolicy = retryPolicy(process.env)) {
    this.policy = policy;
    this.trackingUri = parseTrackingUri(access.trackingUri);
    this.route = routeTo(this.trackingUri, process.env);
    // Checked here, because fetch() would print the whole header in its message.
    const token = access.token?.trim();
    if (token && !/^[\x21-\x7e]+$/.test(token))
      throw new RegistryError(
        "the MLflow token contains spaces, newlines or other characters that an HTTP header cannot carry",
      );
    if (token) this.authorization = `Bearer ${token}`;
    else if (access.username)
      this.authorization = `Basic ${Buffer.from(`${access.username}:${access.password ?? ""}`).toString("base64")}`;
  }

  /** Returns a client with short timeouts, for lookups that can do without a response. */
  static forLookups(access: RegistryAccess): MlflowClient {
    return new MlflowClient(access, lookupPolicy(retryPolicy(process.env)));
  }

  /** Calls `/api/2.0/<path>` and returns the parsed JSON. @throws RegistryError */
  async call<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return this.exchange(method, path, options, (bytes) => JSON.parse(new TextDecoder().decode(bytes) || "{}") as T);
  }

  /** Calls `/api/2.0/<path>` and returns the body. @throws RegistryError unless the status is 2xx */
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.exchange(method, path, options, (bytes) => bytes);
  }

  /** Sends a request and retries it until the response can be read, the failure is permanent, or the retry limit is reached. */
  private async exchange<T>(
    method: Method,
    path: string,
    options: RequestOptions,
    read: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): Promise<T> {
    const idempotent = options.idempotent ?? method !== "POST";
    const start = performance.now();
    for (let attempts = 1; ; attempts++) {
      const result = await this.attempt(method, path, options, read);
      if ("response" in result) return result.response;
      const { problem, failed, details } = result;
      const elapsedMs = performance.now() - start;
      // A refused connection carried no request, so any call can be retried.
      const mayRetry = idempotent || isConnectionRefused(details.cause);
      const delay = mayRetry ? retryDelay(this.policy, { attempts, elapsedMs, failed }, Math.random()) : undefined;
      if (delay !== undefined) {
        await sleep(delay);
        continue;
      }
      const summary = isTransient(failed) ? ` [${describeAttempts(attempts, elapsedMs, mayRetry)}]` : "";
      throw new RegistryError(`MLflow at ${this.trackingUri} ${problem}${summary}`, {
        ...details,
        ...(failed.status !== undefined && { status: failed.status }),
      });
    }
  }

  private async attempt<T>(
    method: Method,
    path: string,
    { query = {}, body, bytes: expected, maxBytes = MAX_JSON_BYTES }: RequestOptions,
    read: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): Promise<Attempt<T>> {
    const url = new URL(`${this.trackingUri}/api/2.0/${path}`);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const what = describeRequest(method, path, query, body);
    const headers: Record<string, string> = {};
    if (this.authorization) headers.authorization = this.authorization;
    if (body) headers["content-type"] = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
    const transferred = (expected ?? 0) + (body instanceof Uint8Array ? body.length : 0);
    const timeout = Math.ceil(this.policy.timeoutMs + transferred / SLOWEST_TRANSFER);
    const fail = (problem: string, failed: FailedAttempt, details: { code?: string; cause?: unknown }): Attempt<T> => ({
      problem,
      failed,
      details,
    });
    const send = this.route ? await this.byAgent(this.route, url.protocol) : (fetch as Fetch);
    let response: Response;
    try {
      response = await send(url, {
        method,
        headers,
        body: body instanceof Uint8Array ? body : body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(timeout),
        // The server must not choose where requests with credentials or bodies go.
        redirect: "manual",
      });
    } catch (cause) {
      const why = reason(cause, timeout);
      return fail(`does not answer ${what}: ${why}. ${hintFor(url, cause)}`, { status: undefined }, { cause });
    }
    const { status } = response;
    if (!response.ok) {
      let broken = false;
      const text = await readAtMost(response, MAX_JSON_BYTES).then(
        (bytes) => new TextDecoder().decode(bytes),
        (error) => {
          broken = !(error instanceof TooLongError);
          return `(no body: ${reason(error, timeout)})`;
        },
      );
      // Retry a truncated error response: the whole one may be an error that the caller handles, such as "already exists".
      if (response.headers.get("content-type")?.startsWith("application/json")) broken ||= text !== "" && !isJson(text);
      const { message, code } = failure(status, text, response.headers.get("location"));
      const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), Date.now());
      return fail(
        `refused ${what}: ${this.hide(message)}`,
        { status, retryAfterMs, broken },
        code === undefined ? {} : { code },
      );
    }
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await readAtMost(response, maxBytes);
      if (expected !== undefined && bytes.length !== expected)
        throw new Error(`received ${bytes.length} bytes, expected ${expected}`);
    } catch (cause) {
      // A response that is too long will be as long on a retry.
      const broken = !(cause instanceof TooLongError);
      return fail(`did not complete its response to ${what}: ${reason(cause, timeout)}`, { status, broken }, { cause });
    }
    try {
      return { response: read(bytes) };
    } catch (cause) {
      const text = this.hide(new TextDecoder().decode(bytes.subarray(0, 200)));
      return fail(`did not respond to ${what} with JSON: ${text}`, { status, broken: true }, { cause });
    }
  }

  /** Loads the custom sender on demand, because most registries are reached directly. */
  private byAgent(route: RegistryRoute, protocol: string): Promise<Fetch> {
    this.sender ??= import("./fetch-by-agent.ts").then(({ fetchByAgent }) => fetchByAgent(route, protocol));
    return this.sender;
  }

  /** Masks credentials: some proxies echo the request that they reject, including its headers. */
  private hide(text: string): string {
    const credentials = this.authorization?.replace(/^\w+ /, "");
    return credentials ? text.replaceAll(credentials, "***") : text;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Slowest transfer that the timeout allows for, in bytes per millisecond: 1 MB/s. */
const SLOWEST_TRANSFER = 1000;

/** Returns an error's actual reason: fetch() only says "fetch failed" and hides the reason in the cause. */
function reason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}

/** OpenSSL's codes for a certificate that no known authority has signed. */
const UNKNOWN_AUTHORITY = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

const isConnectionRefused = (error: unknown): boolean =>
  error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";

function hintFor(url: URL, error: unknown): string {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && UNKNOWN_AUTHORITY.includes(code)
    ? "Set MLFLOW_TRACKING_SERVER_CERT_PATH to the PEM file of its certificate authority"
    : (inClusterHint(url, code) ?? "Is the server running?");
}

function failure(status: number, text: string, location: string | null): { message: string; code: string | undefined } {
  if (status < 400 && location !== null) {
    const to = withoutUser(location);
    const message = `HTTP ${status}, a redirect to ${to}, which is not followed: set the tracking URI to the server's own URL`;
    return { message, code: undefined };
  }
  let json: { error_code?: unknown; message?: unknown } | null = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not MLflow's own error: the message is the text itself.
  }
  const code = typeof json?.error_code === "string" ? json.error_code : undefined;
  const description = typeof json?.message === "string" ? json.message : text.slice(0, 300);
  const message = [`HTTP ${status}`, code, description].filter(Boolean).join(" ");
  return { message, code };
}

/** Formats a text as a literal of MLflow's filter language. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
