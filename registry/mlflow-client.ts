import { RegistryError } from "./errors.ts";
import { readAtMost } from "./read-body.ts";

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
  const trackingUri = env.MLFLOW_TRACKING_URI;
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

interface RequestOptions {
  readonly query?: Record<string, string | number | undefined>;
  /** Sent as JSON unless it is bytes. */
  readonly body?: object | Uint8Array<ArrayBuffer>;
}

/** Most of MLflow's calls take milliseconds; an artifact of some hundred megabytes takes longer. */
const TIMEOUT_MS = 60_000;
/** Most bytes of an answer in JSON: a page of 1,000 versions with all of their tags is some megabytes. */
const MAX_JSON_BYTES = 64 * 2 ** 20;

/**
 * A thin client of MLflow's REST API 2.0. It knows how to ask and how errors look; what to ask stands in the modules beside it.
 */
export class MlflowClient {
  readonly trackingUri: string;
  private readonly authorization: string | undefined;

  constructor(access: RegistryAccess) {
    const url = URL.parse(access.trackingUri);
    if (!url) throw new RegistryError(`MLflow tracking URI "${withoutUser(access.trackingUri)}" is not a URL`);
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new RegistryError(
        `MLflow tracking URI "${withoutUser(access.trackingUri)}" must start with http:// or https://`,
      );
    // It is shown in messages and stored in plain text.
    if (url.username || url.password)
      throw new RegistryError(
        `MLflow tracking URI "${withoutUser(access.trackingUri)}" must not hold a user name or password: ` +
          "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or the stack's secrets mlflowUsername and mlflowPassword",
      );
    // fetch() would show the whole header in its message.
    const token = access.token?.trim();
    if (token && !/^[\x21-\x7e]+$/.test(token))
      throw new RegistryError("the MLflow token holds blanks, line ends or other characters that no header can carry");
    this.trackingUri = access.trackingUri.replace(/(?<!\/)\/+$/, "");
    if (token) this.authorization = `Bearer ${token}`;
    else if (access.username)
      this.authorization = `Basic ${Buffer.from(`${access.username}:${access.password ?? ""}`).toString("base64")}`;
  }

  /** Calls `/api/2.0/<path>` and answers the parsed JSON. Throws RegistryError. */
  async call<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.request(method, path, options);
    const text = new TextDecoder().decode(await this.read(response, method, path));
    try {
      return JSON.parse(text || "{}") as T;
    } catch (cause) {
      throw new RegistryError(
        `MLflow at ${this.trackingUri} answered ${method} ${path} with something that is not JSON: ${this.hide(text.slice(0, 200))}`,
        { status: response.status, cause },
      );
    }
  }

  /** Calls `/api/2.0/<path>` and answers the response with its body unread. Throws RegistryError unless 2xx. */
  async request(method: string, path: string, { query = {}, body }: RequestOptions = {}): Promise<Response> {
    const url = new URL(`${this.trackingUri}/api/2.0/${path}`);
    for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
    const headers: Record<string, string> = {};
    if (this.authorization) headers.authorization = this.authorization;
    if (body) headers["content-type"] = body instanceof Uint8Array ? "application/octet-stream" : "application/json";
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        body: body instanceof Uint8Array ? body : body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        // Whoever answers for the registry must not choose where requests with its credentials or bodies go.
        redirect: "manual",
      });
    } catch (cause) {
      throw new RegistryError(
        `MLflow at ${this.trackingUri} does not answer (${method} ${path}): ${reason(cause)}. Is the server running?`,
        { cause },
      );
    }
    if (response.ok) return response;
    const { message, ...details } = await failure(response);
    throw new RegistryError(`MLflow at ${this.trackingUri} refused ${method} ${path}: ${this.hide(message)}`, details);
  }

  /** Reads the body of an answer. Throws RegistryError when it breaks off, or is longer than `maxBytes`. */
  async read(
    response: Response,
    method: string,
    path: string,
    maxBytes = MAX_JSON_BYTES,
  ): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await readAtMost(response, maxBytes);
    } catch (cause) {
      throw new RegistryError(
        `MLflow at ${this.trackingUri} broke off its answer to ${method} ${path}: ${reason(cause)}`,
        { status: response.status, cause },
      );
    }
  }

  /** Some proxies answer with the request that they refuse, headers and all. */
  private hide(text: string): string {
    const credentials = this.authorization?.replace(/^\w+ /, "");
    return credentials ? text.replaceAll(credentials, "***") : text;
  }
}

const withoutUser = (uri: string) => uri.replace(/\/\/[^/]*@/, "//***@");

/** fetch() says "fetch failed" and hides why in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}

async function failure(response: Response): Promise<{ message: string; status: number; code?: string }> {
  const to = response.headers.get("location");
  if (response.status < 400 && to !== null) {
    await response.body?.cancel();
    const message = `HTTP ${response.status}, a redirect to ${withoutUser(to)}, which is not followed: set the tracking URI to where the server is`;
    return { message, status: response.status };
  }
  const text = await readAtMost(response, MAX_JSON_BYTES).then(
    (bytes) => new TextDecoder().decode(bytes),
    (error) => `(no body: ${reason(error)})`,
  );
  let answer: { error_code?: unknown; message?: unknown } | null = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // Not MLflow's own: the text itself says more.
  }
  const code = typeof answer?.error_code === "string" ? answer.error_code : undefined;
  const said = typeof answer?.message === "string" ? answer.message : text.slice(0, 300);
  const message = [`HTTP ${response.status}`, code, said].filter(Boolean).join(" ");
  return { message, status: response.status, ...(code && { code }) };
}
