import { setTimeout as sleep } from "node:timers/promises";
import { inClusterHint, RegistryError } from "./errors.ts";
import type { Fetch } from "./fetch-by-agent.ts";
import { readAtMost, TooLongError } from "./read-body.ts";
import { type RegistryRoute, routeTo } from "./registry-route.ts";
import { describeRequest, describeTries } from "./request-words.ts";
import {
  type FailedTry,
  isPassing,
  lookupPolicy,
  pauseBeforeNext,
  type RetryPolicy,
  readRetryAfter,
  retryPolicy,
} from "./retry.ts";
import { parseTrackingUri, withoutUser } from "./tracking-uri.ts";

/** Where an MLflow server is and how to sign in. */
export interface RegistryAccess {
  /** Base URL of the server, such as `http://127.0.0.1:5050`. */
  readonly trackingUri: string;
  /** Basic authentication (MLflow's own, DagsHub's). */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Bearer token; wins over username and password, as in MLflow's own client. */
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
  /** A POST that may be made twice: it sets what may be set again, or its caller deals with what is there already. */
  readonly repeatable?: boolean;
  /** Length of the answer where it is known: a proxy may cut one short and end it well. */
  readonly bytes?: number | undefined;
  /** Longer answers are refused. */
  readonly maxBytes?: number;
}

/** Most bytes of an answer in JSON: a page of 1,000 versions with all of their tags is some megabytes. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/** One try: what came, or what there is to say about it. */
type Try<T> =
  | { readonly answer: T }
  | { readonly said: string; readonly failed: FailedTry; readonly details: { code?: string; cause?: unknown } };

/**
 * A thin client of MLflow's REST API 2.0. It knows how to send requests, how errors look, and which calls may be retried; the
 * modules beside it know the endpoints.
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
    // fetch() would show the whole header in its message.
    const token = access.token?.trim();
    if (token && !/^[\x21-\x7e]+$/.test(token))
      throw new RegistryError("the MLflow token holds blanks, line ends or other characters that no header can carry");
    if (token) this.authorization = `Bearer ${token}`;
    else if (access.username)
      this.authorization = `Basic ${Buffer.from(`${access.username}:${access.password ?? ""}`).toString("base64")}`;
  }

  /** A client for lookups that can do without an answer. */
  static forLookups(access: RegistryAccess): MlflowClient {
    return new MlflowClient(access, lookupPolicy(retryPolicy(process.env)));
  }

  /** Calls `/api/2.0/<path>` and answers the parsed JSON. Throws RegistryError. */
  async call<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    return this.exchange(method, path, options, (bytes) => JSON.parse(new TextDecoder().decode(bytes) || "{}") as T);
  }

  /** Calls `/api/2.0/<path>` and answers the body. Throws RegistryError unless 2xx. */
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.exchange(method, path, options, (bytes) => bytes);
  }

  /** Tries until an answer came that can be read, no other is to be expected, or it has been tried enough. */
  private async exchange<T>(
    method: Method,
    path: string,
    options: RequestOptions,
    read: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): Promise<T> {
    const repeatable = options.repeatable ?? method !== "POST";
    const start = performance.now();
    for (let tries = 1; ; tries++) {
      const result = await this.try(method, path, options, read);
      if ("answer" in result) return result.answer;
      const { said, failed, details } = result;
      const elapsedMs = performance.now() - start;
      // Nothing was sent over a connection that was refused.
      const mayRepeat = repeatable || isRefused(details.cause);
      const pause = mayRepeat ? pauseBeforeNext(this.policy, { tries, elapsedMs, failed }, Math.random()) : undefined;
      if (pause !== undefined) {
        await sleep(pause);
        continue;
      }
      const told = isPassing(failed) ? ` [${describeTries(tries, elapsedMs, mayRepeat)}]` : "";
      throw new RegistryError(`MLflow at ${this.trackingUri} ${said}${told}`, {
        ...details,
        ...(failed.status !== undefined && { status: failed.status }),
      });
    }
  }

  private async try<T>(
    method: Method,
    path: string,
    { query = {}, body, bytes: expected, maxBytes = MAX_JSON_BYTES }: RequestOptions,
    read: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): Promise<Try<T>> {
    const url = new URL(`${this.trackingUri}/api/2.0/${path}`);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const what = describeRequest(method, path, query, body);
    const headers: Record<string, string> = {};
    if (this.authorization) headers.authorization = this.authorization;
    if (body) headers["content-type"] = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
    const moved = (expected ?? 0) + (body instanceof Uint8Array ? body.length : 0);
    const timeout = Math.ceil(this.policy.timeoutMs + moved / SLOWEST_TRANSFER);
    const fail = (said: string, failed: FailedTry, details: { code?: string; cause?: unknown }): Try<T> => ({
      said,
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
      // A no that was cut short is not understood: it may be one that the caller can deal with, such as "it is there already".
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
        throw new Error(`${bytes.length} bytes came, ${expected} were announced`);
    } catch (cause) {
      // What is too long is as long when it is asked for again.
      const broken = !(cause instanceof TooLongError);
      return fail(`broke off its answer to ${what}: ${reason(cause, timeout)}`, { status, broken }, { cause });
    }
    try {
      return { answer: read(bytes) };
    } catch (cause) {
      const text = this.hide(new TextDecoder().decode(bytes.subarray(0, 200)));
      return fail(`answered ${what} with something that is not JSON: ${text}`, { status, broken: true }, { cause });
    }
  }

  /** Loaded where it is needed: most registries are reached the plain way. */
  private byAgent(route: RegistryRoute, protocol: string): Promise<Fetch> {
    this.sender ??= import("./fetch-by-agent.ts").then(({ fetchByAgent }) => fetchByAgent(route, protocol));
    return this.sender;
  }

  /** Some proxies answer with the request that they refuse, headers and all. */
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

/** Bytes that one try may move in a millisecond at least: 1 MB/s. */
const SLOWEST_TRANSFER = 1000;

/** fetch() says "fetch failed" and hides why in the cause. */
function reason(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}

/** OpenSSL's words for a certificate that none of the known authorities has signed. */
const UNKNOWN_AUTHORITY = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

const isRefused = (error: unknown): boolean =>
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
    const message = `HTTP ${status}, a redirect to ${to}, which is not followed: set the tracking URI to where the server is`;
    return { message, code: undefined };
  }
  let answer: { error_code?: unknown; message?: unknown } | null = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // Not MLflow's own: the text itself says more.
  }
  const code = typeof answer?.error_code === "string" ? answer.error_code : undefined;
  const said = typeof answer?.message === "string" ? answer.message : text.slice(0, 300);
  const message = [`HTTP ${status}`, code, said].filter(Boolean).join(" ");
  return { message, code };
}
