import type { RequestListener, Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, AppOptions } from "./api.ts";
import { answerOnNode, send } from "./http/node-path.ts";
import { createServer, listen } from "./listen.ts";
import { log } from "./watch/log.ts";

export interface Service {
  readonly api: Api;
  /** Listens on one more address: see listen.ts. */
  listen(host: string, port: number, isShared?: boolean): Promise<string>;
  /** Serves a connection that another process has accepted. */
  take(socket: Socket): void;
  /** Accepts no new connections, drains, closes all connections. Resolves after at most `seconds`. Call it once. */
  stop(seconds: number): Promise<void>;
}

/** State of the server that the API depends on. */
export type ServerState = Required<Pick<AppOptions, "isReady">>;

/** A host name or address, with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/** Idle connections close after this long without a new request. */
const QUIET_MS = 250;
/** Duration of an idle turn of the event loop, in milliseconds; busy turns take a multiple. */
const SHORT_TURN_MS = 0.05;
/** Maximum wait for an idle turn, in milliseconds; a busy service has none. After that, a turn without new requests suffices. */
const MOST_WAIT_MS = 100;
/** Maximum number of turns to wait for. */
const MOST_TURNS = 1000;

/**
 * Resolves right after an idle turn that brought nothing new: requests that arrive while another one is handled become visible only in the next
 * turn.
 */
async function quietTurn(countNew: () => number): Promise<void> {
  const begun = performance.now();
  for (let turn = 0, isQuiet = false; turn < 2 || (turn < MOST_TURNS && !isQuiet); turn++) {
    const seen = countNew();
    const start = performance.now();
    await new Promise(setImmediate);
    const end = performance.now();
    isQuiet = countNew() === seen && (end - start < SHORT_TURN_MS || end - begun > MOST_WAIT_MS);
  }
}

/**
 * Puts an API behind a Node HTTP server, which does not listen yet. Predictions and status endpoints run on Node's own request and response.
 * All other paths go through Hono, which is loaded on the first such request: together with the web Request and Response that it needs, it takes a
 * fifth of the startup time and a tenth of the memory. `build` receives the server's state.
 */
export function createService(build: (state: ServerState) => Api): Service {
  let isReady = true;
  /** Once true, each response closes its connection. */
  let isLast = false;
  let requests = 0;
  /** Number of open connections. */
  let connections = 0;
  /** Number of connections accepted so far. */
  let accepted = 0;
  /** One per address. */
  const servers: Server[] = [];
  const api = build({ isReady: () => isReady });
  let hono: Promise<RequestListener> | undefined;
  /** The last valid Host header: most callers always send the same one. */
  let goodHost = "";
  const isHost = (host = "") => {
    if (host === goodHost && host !== "") return true;
    if (!HOST.test(host)) return false;
    goodHost = host;
    return true;
  };
  const answer: RequestListener = (incoming, outgoing) => {
    requests++;
    if (isLast) outgoing.setHeader("connection", "close");
    const { method, url = "", headers } = incoming;
    // Hono's adapter rejects an invalid Host, and every other irregularity.
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

  let taker: Server | undefined;
  const take = (socket: Socket) => {
    if (!taker) {
      taker = newServer();
      servers.push(taker);
      // A listening server does this itself: it starts the timers for slow requests and idle connections.
      taker.emit("listening");
    }
    taker.emit("connection", socket);
  };

  /**
   * Closes the listening sockets. The kernel resets connections that it has accepted for a socket when that socket closes, even if other processes
   * listen on the port. So this closes right after a turn without new connections; the race that remains is the time between that check and the
   * call, a few microseconds.
   */
  const closeDoors = async (): Promise<void> => {
    const doors = servers.filter(({ listening }) => listening);
    if (doors.length === 0) return;
    // A dry run, so that the call is compiled when its timing matters.
    await new Promise<void>((done) => {
      const rehearsal = createServer().listen(0, "127.0.0.1", () => {
        NetServer.prototype.close.call(rehearsal, () => done());
      });
      rehearsal.once("error", () => done());
    });
    await quietTurn(() => accepted);
    // Not http.Server's close(): it closes idle connections at once, and with them requests in transit.
    for (const door of doors) NetServer.prototype.close.call(door);
  };

  const stop = async (seconds: number) => {
    isReady = false;
    const deadline = Date.now() + seconds * 1000;
    await closeDoors();
    // Not earlier: a client whose connection closes reconnects, and the port must refuse that connection, not reset it.
    isLast = true;
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
      server.close(); // stops the timer for slow requests
    }
  };

  return { api, listen: listenOn, take, stop };
}
