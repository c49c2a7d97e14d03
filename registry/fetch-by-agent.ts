import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";
import { RegistryError } from "./errors.ts";
import type { RegistryRoute } from "./registry-route.ts";

/** The part of fetch() that the registry client uses. It does not follow redirects. */
export type Fetch = (
  url: URL,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array<ArrayBuffer> | null;
    readonly signal: AbortSignal;
    readonly redirect: "manual";
  },
) => Promise<Response>;

/**
 * Returns a fetch() that uses a proxy or custom certificates, which Node's own fetch() supports only process-wide.
 * @throws RegistryError when a certificate file cannot be read, or when this Node version does not support proxies
 */
export function fetchByAgent(route: RegistryRoute, protocol: string): Fetch {
  const { proxy, serverCertFile, clientCertFile, insecure = false } = route;
  // Node added this flag and the agent's proxy option in the same releases.
  if (proxy !== undefined && !process.allowedNodeEnvironmentFlags.has("--use-env-proxy"))
    throw new RegistryError(
      `Node ${process.versions.node} does not support proxies: reaching the registry through one requires Node 22.21, 24.5 or newer`,
    );
  const client = readPem("MLFLOW_TRACKING_CLIENT_CERT_PATH", clientCertFile);
  const ca = readPem("MLFLOW_TRACKING_SERVER_CERT_PATH", serverCertFile);
  const options = {
    keepAlive: true,
    ...(proxy !== undefined && { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
    ...(ca !== undefined && { ca }),
    ...(client !== undefined && { cert: client, key: client }),
    ...(insecure && { rejectUnauthorized: false }),
  };
  const [send, agent] =
    protocol === "https:"
      ? [https.request, new https.Agent(options)]
      : [http.request, new http.Agent(options as http.AgentOptions)];
  return (url, { method, headers, body, signal }) =>
    new Promise((done, fail) => {
      const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const request = send(url, { method, headers: { ...headers, ...length }, agent });
      // As fetch() does: reject with the signal's reason, or with a TypeError that has the error as its cause.
      request.once("error", (cause) => fail(signal.aborted ? signal.reason : new TypeError("fetch failed", { cause })));
      signal.addEventListener("abort", () => request.destroy(signal.reason), { once: true });
      request.once("response", (message) => {
        signal.addEventListener("abort", () => message.destroy(signal.reason), { once: true });
        done(toResponse(message));
      });
      request.end(body);
    });
}

const NO_BODY = [101, 204, 205, 304];

function toResponse(message: http.IncomingMessage): Response {
  const { statusCode = 0 } = message;
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const body = NO_BODY.includes(statusCode) ? null : (Readable.toWeb(message) as ReadableStream);
  if (body === null) message.resume();
  return new Response(body, { status: statusCode, headers: headers as [string, string][] });
}

function readPem(variable: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EISDIR" ? "it is a folder; only a PEM file is supported" : message;
    throw new RegistryError(`${variable} names ${path}, which cannot be read: ${why}`, { cause });
  }
  if (/-----BEGIN [A-Z ]*CERTIFICATE-----/.test(text)) return text;
  throw new RegistryError(`${variable} names ${path}, which contains no PEM certificate (-----BEGIN CERTIFICATE-----)`);
}
