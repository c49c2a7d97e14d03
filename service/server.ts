import type { RequestListener, Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppOptions, Core } from "./core.ts";
import { createServer } from "./http/node-http.ts";
import { answerOnNode, send } from "./http/node-path.ts";
import { log } from "./watch/log.ts";

export interface Service {
  readonly server: Server;
  readonly core: Core;
  /** False from the first stop() on. */
  isReady(): boolean;
  /** Listens; answers the URL. Throws with a way out when the port is in use. */
  listen(host: string, port: number): Promise<string>;
  /** Takes no new connections, answers what has come, closes all connections. Resolves after at most `seconds`. Called once. */
  stop(seconds: number): Promise<void>;
}

/** What the server tells its core. */
export type ServerState = Required<Pick<AppOptions, "isReady" | "isAlone">>;

/** A name or address with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/** How long no request may have come before idle connections are closed. */
const QUIET_MS = 250;

/**
 * Puts a core behind a Node HTTP server; nothing listens yet. Predictions and states are answered on Node's own request and response.
 * Everything else goes through Hono, which is loaded with the first such request: with the web's Request and Response that it needs, it is a fifth of
 * the start's time and a tenth of the memory. `build` gets what the core cannot know of the server.
 */
export function createService(build: (state: ServerState) => Core): Service {
  let stopping = false;
  let requests = 0;
  const isReady = () => !stopping;
  let connections = 0;
  const core = build({ isReady, isAlone: () => connections <= 1 });
  let hono: Promise<RequestListener> | undefined;
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 });
  server.on("connection", (socket) => {
    connections++;
    socket.once("close", () => connections--);
  });
  server.on("request", (incoming, outgoing) => {
    requests++;
    if (stopping) outgoing.setHeader("connection", "close");
    const { method, url = "", headers } = incoming;
    // A Host that is none is for Hono's adapter to refuse, as is every other oddity.
    if (HOST.test(headers.host ?? "")) {
      const route = method === "POST" ? core.routes.get(url) : undefined;
      if (route) return answerOnNode(core.endpoint, route, incoming, outgoing);
      const state = method === "GET" ? core.states.get(url) : undefined;
      if (state) return send(state(), outgoing);
    }
    hono ??= import("./hono-listener.ts").then(({ honoListener }) => honoListener(core));
    hono
      .then((listener) => listener(incoming, outgoing))
      .catch((error: unknown) => {
        log("error", "request failed", { error: error instanceof Error ? error.stack : String(error) });
        outgoing.destroy();
      });
  });

  const listen = (host: string, port: number) =>
    new Promise<string>((done, fail) => {
      server.once("error", (error: NodeJS.ErrnoException) => fail(listenError(error, host, port)));
      server.listen(port, host, () => {
        const address = server.address();
        const actual = typeof address === "object" && address ? address.port : port;
        done(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
      });
    });

  const stop = async (seconds: number) => {
    stopping = true;
    const deadline = Date.now() + seconds * 1000;
    // One more turn: connections that the kernel has accepted are taken before the listening socket closes.
    await new Promise(setImmediate);
    // Not http.Server's close(): it closes idle connections at once, and with them requests that are on their way.
    let closed = false;
    NetServer.prototype.close.call(server, () => {
      closed = true;
    });
    for (let quiet = 0, seen = requests; !closed && Date.now() < deadline; seen = requests) {
      await sleep(Math.min(25, Math.max(1, deadline - Date.now())));
      quiet = requests === seen ? quiet + 25 : 0;
      if (quiet >= QUIET_MS) server.closeIdleConnections();
    }
    if (!closed) log("warn", "connections were cut: requests took longer than STOP_SECONDS", { seconds });
    server.closeAllConnections();
    server.close(); // ends the timer that watches for slow requests
  };

  return { server, core, isReady, listen, stop };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const say = (message: string) => new Error(message, { cause: error });
  if (error.code === "EADDRINUSE")
    return say(
      `port ${port} on ${host} is in use. Stop what listens there, or set PORT to another port (0: any free one)`,
    );
  if (error.code === "EACCES")
    return say(`port ${port} on ${host} may not be used by this user. Set PORT to one above 1023`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return say(`this machine has no address ${host}. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses`);
  return error;
}
