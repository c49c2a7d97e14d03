import type { RequestListener, Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, AppOptions } from "./api.ts";
import { answerOnNode, send } from "./http/node-path.ts";
import { createServer, listen } from "./listen.ts";
import { log } from "./watch/log.ts";

export interface Service {
  readonly api: Api;
  /** Listens on an additional address: see listen.ts. */
  listen(host: string, port: number, isShared?: boolean): Promise<string>;
  /** Serves a connection that another process has accepted. */
  accept(socket: Socket): void;
  /** Stops accepting connections, drains, then closes all connections. Resolves after at most `seconds`. Call it only once. */
  stop(seconds: number): Promise<void>;
}

/** Server state that the API depends on. */
export type ServerState = Required<Pick<AppOptions, "isReady">>;

/** A host name or address, with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/** Time without a new request after which a stopping server closes idle connections, in milliseconds. */
const QUIET_MS = 250;
/** Maximum duration of an idle turn of the event loop, in milliseconds. Busy turns take several times as long. */
const SHORT_TURN_MS = 0.05;
/** Maximum wait for an idle turn, in milliseconds, because a busy service has none. After that, a turn without new requests suffices. */
const MAX_WAIT_MS = 100;
/** Maximum number of turns to wait. */
const MAX_TURNS = 1000;

/**
 * Resolves right after an idle turn of the event loop without anything new. Requests that arrive while another one is handled become visible only in the
 * next turn.
 */
async function quietTurn(countNew: () => number): Promise<void> {
  const begun = performance.now();
  for (let turn = 0, isQuiet = false; turn < 2 || (turn < MAX_TURNS && !isQuiet); turn++) {
    const seen = countNew();
    const start = performance.now();
    await new Promise(setImmediate);
    const end = performance.now();
    isQuiet = countNew() === seen && (end - start < SHORT_TURN_MS || end - begun > MAX_WAIT_MS);
  }
}

/**
 * Creates a Node HTTP server for an API, without listening. Predictions and status endpoints are handled on Node's own request and response. All other
 * paths go through Hono, which is loaded on the first such request: with the web Request and Response that it needs, it takes a fifth of the startup time
 * and a tenth of the memory.
 * @param build creates the API from the server's state
 */
export function createService(build: (state: ServerState) => Api): Service {
  let isReady = true;
  /** Whether each response closes its connection. */
  let isClosing = false;
  let requests = 0;
  /** Number of open connections. */
  let connections = 0;
  /** Number of connections accepted so far. */
  let accepted = 0;
  /** One per address, and one for connections that another process accepted. */
  const servers: Server[] = [];
  const api = build({ isReady: () => isReady });
  let hono: Promise<RequestListener> | undefined;
  /** The last valid Host header, cached because most callers always send the same one. */
  let goodHost = "";
  const isHost = (host = "") => {
    if (host === goodHost && host !== "") return true;
    if (!HOST.test(host)) return false;
    goodHost = host;
    return true;
  };
  const answer: RequestListener = (incoming, outgoing) => {
    requests++;
    if (isClosing) outgoing.setHeader("connection", "close");
    const { method, url = "", headers } = incoming;
    // Requests with an invalid Host go to Hono's adapter, which rejects them.
    if (isHost(headers.host)) {
      const route = method === "POST" ? api.routes.get(url) : undefined;
      if (route) return answerOnNode(api.endpoint, route, incoming, outgoing);
      const state = method === "GET" ? api.states.get(url) : undefined;
      if (state) return send(state(), outgoing);
    }
    hono ??= import("./app.ts").then(({ honoListener }) => honoListener(api));
    hono
      .then((listener) => listener(incoming, outgoing))
      .catch((error: unknown) => {
        log("error", "request failed", { error: error instanceof Error ? error.stack : String(error) });
        outgoing.destroy();
      });
  };

  const newServer = (): Server => {
    const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 });
    server.on("request", answer);
    server.on("connection", (socket) => {
      accepted++;
      connections++;
      socket.once("close", () => connections--);
    });
    return server;
  };

  const listenOn = async (host: string, port: number, isShared = false): Promise<string> => {
    const server = newServer();
    const url = await listen(server, host, port, isShared);
    servers.push(server);
    return url;
  };

  let acceptor: Server | undefined;
  const accept = (socket: Socket) => {
    if (!acceptor) {
      acceptor = newServer();
      servers.push(acceptor);
      // Starts the timers for slow requests and idle connections, as in a listening server.
      acceptor.emit("listening");
    }
    acceptor.emit("connection", socket);
  };

  /**
   * Closes the listening sockets. When a socket closes, the kernel resets the connections that it has accepted for that socket, even if other processes listen
   * on the port. So this closes right after a turn without new connections. The remaining race is the time between that check and the call, a few
   * microseconds.
   */
  const closeListeners = async (): Promise<void> => {
    const listeners = servers.filter(({ listening }) => listening);
    if (listeners.length === 0) return;
    // A dry run, so that the call is already compiled when its timing matters.
    await new Promise<void>((done) => {
      const rehearsal = createServer().listen(0, "127.0.0.1", () => {
        NetServer.prototype.close.call(rehearsal, () => done());
      });
      rehearsal.once("error", () => done());
    });
    await quietTurn(() => accepted);
    // Does not use http.Server's close(), which also closes idle connections at once, and with them requests in transit.
    for (const listener of listeners) NetServer.prototype.close.call(listener);
  };

  const stop = async (seconds: number) => {
    isReady = false;
    const deadline = Date.now() + seconds * 1000;
    await closeListeners();
    // Set only after the port is closed: a client whose connection closes reconnects, and that connection must be refused, not reset.
    isClosing = true;
    for (let quiet = 0, seen = requests; connections > 0 && Date.now() < deadline; seen = requests) {
      await sleep(Math.min(25, Math.max(1, deadline - Date.now())));
      quiet = requests === seen ? quiet + 25 : 0;
      if (quiet < QUIET_MS) continue;
      await quietTurn(() => requests);
      for (const server of servers) server.closeIdleConnections();
    }
    if (connections > 0)
      log("warn", "connections closed with requests in flight: they took longer than STOP_SECONDS", { seconds });
    for (const server of servers) {
      server.closeAllConnections();
      server.close(); // Stops the timer for slow requests.
    }
  };

  return { api, listen: listenOn, accept, stop };
}
