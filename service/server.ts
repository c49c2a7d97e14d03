import type { RequestListener, Server } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppOptions, Core } from "./core.ts";
import { createServer } from "./http/node-http.ts";
import { answerOnNode, send } from "./http/node-path.ts";
import { listen } from "./listen.ts";
import { log } from "./watch/log.ts";

export interface Service {
  readonly core: Core;
  /** Listens, beside where it listens already: see listen.ts. */
  listen(host: string, port: number, isShared?: boolean): Promise<string>;
  /** Answers on a connection that another process has taken. */
  take(socket: Socket): void;
  /** Takes no new connections, answers what has come, closes all connections. Resolves after at most `seconds`. Called once. */
  stop(seconds: number): Promise<void>;
}

/** What the server tells its core. */
export type ServerState = Required<Pick<AppOptions, "isReady">>;

/** A name or address with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/** How long no request may have come before idle connections are closed. */
const QUIET_MS = 250;
/** A turn of the event loop in which nothing was done, milliseconds: others take a multiple. */
const SHORT_TURN_MS = 0.05;
/** How long such a turn is waited for, milliseconds; a busy service has none. Then one that brings nothing new will do. */
const MOST_WAIT_MS = 100;
/** Most turns that are waited for in any case. */
const MOST_TURNS = 1000;

/**
 * Resolves right after a turn that has brought nothing new, and in which nothing else was done: what came while a request was being answered is not
 * seen before the next turn.
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
 * Puts a core behind a Node HTTP server; nothing listens yet. Predictions and states are answered on Node's own request and response.
 * Everything else goes through Hono, which is loaded with the first such request: with the web's Request and Response that it needs, it is a fifth of
 * the start's time and a tenth of the memory. `build` gets what the core cannot know of the server.
 */
export function createService(build: (state: ServerState) => Core): Service {
  let isReady = true;
  /** From here on each answer is its connection's last. */
  let isLast = false;
  let requests = 0;
  /** Open ones. */
  let connections = 0;
  /** All that ever came. */
  let accepted = 0;
  /** One for each address that is listened on. */
  const servers: Server[] = [];
  const core = build({ isReady: () => isReady });
  let hono: Promise<RequestListener> | undefined;
  /** The last Host that was in order: most callers send the same one all the time. */
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
    // A Host that is none is for Hono's adapter to refuse, as is every other oddity.
    if (isHost(headers.host)) {
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
      // What a server that listens does by itself: it begins to watch for slow and for idle connections.
      taker.emit("listening");
    }
    taker.emit("connection", socket);
  };

  /**
   * Closes listening sockets. Connections that the kernel has accepted for a socket are reset when it closes, also where others listen
   * on the port. So it closes right after a turn that has brought none: what is left is the time between that look and the call,
   * some microseconds.
   */
  const closeDoors = async (): Promise<void> => {
    const doors = servers.filter(({ listening }) => listening);
    if (doors.length === 0) return;
    // Once for nothing, so that the call is compiled when its time counts.
    await new Promise<void>((done) => {
      const rehearsal = createServer().listen(0, "127.0.0.1", () => {
        NetServer.prototype.close.call(rehearsal, () => done());
      });
      rehearsal.once("error", () => done());
    });
    await quietTurn(() => accepted);
    // Not http.Server's close(): it closes idle connections at once, and with them requests that are on their way.
    for (const door of doors) NetServer.prototype.close.call(door);
  };

  const stop = async (seconds: number) => {
    isReady = false;
    const deadline = Date.now() + seconds * 1000;
    await closeDoors();
    // Not before: whose connection is closed connects again, and the port must refuse that, not drop it.
    isLast = true;
    for (let quiet = 0, seen = requests; connections > 0 && Date.now() < deadline; seen = requests) {
      await sleep(Math.min(25, Math.max(1, deadline - Date.now())));
      quiet = requests === seen ? quiet + 25 : 0;
      if (quiet < QUIET_MS) continue;
      await quietTurn(() => requests);
      for (const server of servers) server.closeIdleConnections();
    }
    if (connections > 0) log("warn", "connections were cut: requests took longer than STOP_SECONDS", { seconds });
    for (const server of servers) {
      server.closeAllConnections();
      server.close(); // ends the timer that watches for slow requests
    }
  };

  return { core, listen: listenOn, take, stop };
}
