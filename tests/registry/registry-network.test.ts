import { mkdtemp, rm, writeFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { certify } from "../helpers/certificates.ts";

// Real TLS servers, and a real proxy.
const authority = certify("Test Authority");
const server = certify("server", authority);
const client = certify("client", authority);
const ONCE = { timeoutMs: 2000, retries: 0 };
const CREDENTIALS = { username: "ann", password: "s3cret" };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tls-"));
  await writeFile(join(folder, "ca.pem"), authority.certificate);
  await writeFile(join(folder, "other.pem"), certify("Other Authority").certificate);
  await writeFile(join(folder, "me.pem"), client.key + client.certificate);
  await writeFile(join(folder, "empty.pem"), "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const set = (env: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
};

async function listening(started: http.Server | https.Server) {
  await new Promise<void>((done) => started.listen(0, "127.0.0.1", done));
  const dispose = async () => {
    started.closeAllConnections();
    await new Promise((done) => started.close(done));
  };
  return { port: (started.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose };
}

/** Responds with the request that it received. */
const echo: http.RequestListener = async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const peer = (request.socket as TLSSocket).getPeerCertificate?.().subject?.CN;
  response.setHeader("content-type", "application/json");
  if (request.url?.includes("slow")) return response.write("{");
  response.end(
    JSON.stringify({
      method: request.method,
      url: request.url,
      body,
      peer,
      authorization: request.headers.authorization,
    }),
  );
};
const tlsServer = async (more: https.ServerOptions = {}) => {
  const running = await listening(https.createServer({ cert: server.certificate, key: server.key, ...more }, echo));
  return { ...running, url: `https://127.0.0.1:${running.port}` };
};
const ask = (url: string) =>
  new MlflowClient({ trackingUri: url, ...CREDENTIALS }, ONCE).call("POST", "mlflow/x", { body: { a: "ä" } });

test("rejects a server with an unknown authority and names the variable that sets one", async () => {
  await using running = await tlsServer();
  await expect(ask(running.url)).rejects.toThrow(
    /does not answer POST mlflow\/x: .*certificate.*\. Set MLFLOW_TRACKING_SERVER_CERT_PATH to the PEM file of its certificate authority/,
  );
});

test("MLFLOW_TRACKING_SERVER_CERT_PATH names the only trusted authority", async () => {
  await using running = await tlsServer();
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "ca.pem") });
  expect(await ask(running.url)).toEqual({
    method: "POST",
    url: "/api/2.0/mlflow/x",
    body: '{"a":"ä"}',
    authorization: `Basic ${Buffer.from("ann:s3cret").toString("base64")}`,
  });
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "other.pem") });
  await expect(ask(running.url)).rejects.toThrow("MLFLOW_TRACKING_SERVER_CERT_PATH");
});

test("MLFLOW_TRACKING_CLIENT_CERT_PATH authenticates the client, which a server may require", async () => {
  await using running = await tlsServer({ requestCert: true, ca: authority.certificate });
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "ca.pem") });
  await expect(ask(running.url)).rejects.toThrow("does not answer");
  set({ MLFLOW_TRACKING_CLIENT_CERT_PATH: join(folder, "me.pem") });
  expect(await ask(running.url)).toMatchObject({ peer: "client" });
});

test("MLFLOW_TRACKING_INSECURE_TLS trusts any certificate, in this client only", async () => {
  await using running = await tlsServer();
  set({ MLFLOW_TRACKING_INSECURE_TLS: "true" });
  expect(await ask(running.url)).toMatchObject({ method: "POST" });
  await expect(fetch(running.url)).rejects.toThrow();
});

test.each([
  ["none.pem", "cannot be read: ENOENT"],
  ["", "cannot be read: it is a folder; only a PEM file is supported"],
  ["empty.pem", "contains no PEM certificate"],
])("names an invalid certificate file (%s)", async (file, message) => {
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: `${folder}/${file}` });
  await expect(ask("https://127.0.0.1:1")).rejects.toThrow(
    new RegExp(`MLFLOW_TRACKING_SERVER_CERT_PATH names .*, which ${message}`),
  );
});

test("reports timeouts and incomplete responses as it does without certificates", async () => {
  await using running = await tlsServer();
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "ca.pem") });
  const impatient = new MlflowClient({ trackingUri: running.url }, { timeoutMs: 200, retries: 0 });
  await expect(impatient.call("GET", "slow")).rejects.toThrow(
    "did not complete its response to GET slow: no answer within 0.2 s",
  );
  const nobody = new MlflowClient({ trackingUri: "https://127.0.0.1:1" }, ONCE);
  await expect(nobody.call("GET", "x")).rejects.toThrow(
    "does not answer GET x: connect ECONNREFUSED 127.0.0.1:1. Is the server running?",
  );
});

/** Names end in .test, so only the proxy can resolve them. */
async function proxyTo(port: number, authorization?: string) {
  const asked: string[] = [];
  const tunnels = new Set<Socket>();
  const isAllowed = (request: http.IncomingMessage) =>
    authorization === undefined || request.headers["proxy-authorization"] === authorization;
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (!isAllowed(request)) return response.writeHead(407).end("who are you?");
    const { pathname, search } = new URL(request.url ?? "");
    const { method, headers } = request;
    const onward = http.request({ port, host: "127.0.0.1", path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.on("connect", (request: http.IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (!isAllowed(request)) return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    tunnels.add(socket);
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on("error", () => undefined);
  });
  const running = await listening(proxy);
  const dispose = async () => {
    for (const socket of tunnels) socket.destroy();
    await running[Symbol.asyncDispose]();
  };
  return { port: running.port, asked, [Symbol.asyncDispose]: dispose };
}

test("uses HTTP_PROXY for an http server, whose name only the proxy resolves", async () => {
  await using running = await listening(http.createServer(echo));
  await using proxy = await proxyTo(running.port, `Basic ${Buffer.from("me:pw").toString("base64")}`);
  set({ http_proxy: `http://me:pw@127.0.0.1:${proxy.port}` });
  expect(await ask("http://mlflow.test/team")).toMatchObject({ url: "/team/api/2.0/mlflow/x", body: '{"a":"ä"}' });
  expect(proxy.asked).toEqual(["POST http://mlflow.test/team/api/2.0/mlflow/x"]);
  set({ http_proxy: `http://127.0.0.1:${proxy.port}` });
  await expect(ask("http://mlflow.test")).rejects.toThrow("HTTP 407 who are you?");
  set({ NO_PROXY: "test" });
  await expect(ask("http://mlflow.test")).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  expect(proxy.asked).toHaveLength(2);
});

test("uses HTTPS_PROXY as a tunnel to an https server, and still verifies its certificate", async () => {
  await using running = await tlsServer();
  await using proxy = await proxyTo(running.port);
  set({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "other.pem") });
  const url = `https://registry.test:${running.port}`;
  await expect(ask(url)).rejects.toThrow("certificate");
  set({ MLFLOW_TRACKING_SERVER_CERT_PATH: join(folder, "ca.pem") });
  expect(await ask(url)).toMatchObject({ method: "POST", body: '{"a":"ä"}' });
  expect(proxy.asked).toEqual(Array(2).fill(`CONNECT registry.test:${running.port}`));
});

test("reports a proxy that refuses the tunnel without showing its password", async () => {
  await using proxy = await proxyTo(1, "Basic another");
  set({ HTTPS_PROXY: `http://me:s3cr3t@127.0.0.1:${proxy.port}` });
  const error = await ask("https://registry.test").catch((refused: Error) => refused);
  expect(error).toMatchObject({ message: expect.stringMatching(/does not answer POST mlflow\/x: .*407/) });
  for (const secret of ["s3cr3t", Buffer.from("me:s3cr3t").toString("base64")])
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
});

test("reaches a registry on this machine directly, regardless of proxies", async () => {
  await using running = await listening(http.createServer(echo));
  set({ HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1", ALL_PROXY: "http://127.0.0.1:1" });
  expect(await ask(`http://127.0.0.1:${running.port}`)).toMatchObject({ method: "POST" });
});
