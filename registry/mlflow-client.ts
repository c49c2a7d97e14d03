import { RegistryError } from "./errors.ts";

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

/**
 * A thin client of MLflow's REST API 2.0. It knows how to ask and how errors look; what to ask stands in the modules beside it.
 */
export class MlflowClient {
  readonly trackingUri: string;
  private readonly authorization: string | undefined;

  constructor(access: RegistryAccess) {
    let url: URL;
    try {
      url = new URL(access.trackingUri);
    } catch (cause) {
      throw new RegistryError(`MLflow tracking URI "${access.trackingUri}" is not a URL`, { cause });
    }
    if (url.protocol !== "http:" && url.protocol !== "https:")
      throw new RegistryError(`MLflow tracking URI "${access.trackingUri}" must start with http:// or https://`);
    this.trackingUri = access.trackingUri.replace(/\/+$/, "");
    if (access.token) this.authorization = `Bearer ${access.token}`;
    else if (access.username)
      this.authorization = `Basic ${Buffer.from(`${access.username}:${access.password ?? ""}`).toString("base64")}`;
  }

  /** Calls `/api/2.0/<path>` and answers the parsed JSON. Throws RegistryError. */
  async call<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.request(method, path, options);
    const text = await response.text();
    try {
      return JSON.parse(text || "{}") as T;
    } catch (cause) {
      throw new RegistryError(
        `MLflow at ${this.trackingUri} answered ${method} ${path} with something that is not JSON: ${text.slice(0, 200)}`,
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
      });
    } catch (cause) {
      throw new RegistryError(
        `MLflow at ${this.trackingUri} does not answer (${method} ${path}): ${reason(cause)}. Is the server running?`,
        { cause },
      );
    }
    if (response.ok) return response;
    throw await failure(response, `MLflow at ${this.trackingUri} refused ${method} ${path}`);
  }
}

/** fetch() says "fetch failed" and hides why in the cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message;
}

async function failure(response: Response, what: string): Promise<RegistryError> {
  const text = await response.text().catch((error) => `(no body: ${reason(error)})`);
  let answer: { error_code?: string; message?: string } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    answer.message = text.slice(0, 300);
  }
  const message = `${what}: HTTP ${response.status} ${answer.error_code ?? ""} ${answer.message ?? ""}`.trim();
  return new RegistryError(message, { status: response.status, ...(answer.error_code && { code: answer.error_code }) });
}
