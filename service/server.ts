import { createServer, type RequestListener, type Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Core } from "./core.ts";
import { answerOnNode, send } from "./http/node-path.ts";
import { log } from "./watch/log.ts";

export interface Service {
  readonly core: Core;
  /** False from the first stop() on. */
  isReady(): boolean;
  /**
   * Listens, beside where it listens already; answers the URL. Throws with a way out when the port is in use.
   * @param shared other processes of this user may listen on the port as well, if they say so too; connections are spread over them
   */
  listen(host: string, port: number, shared?: boolean): Promise<string>;
  /** Takes no new connections, answers what has come, closes all connections. Resolves after at most `seconds`. Called once. */
  stop(seconds: number): Promise<void>;
}

/** A name or address with or without a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/** How long no request may have come before idle connections are closed. */
const QUIET_MS = 250;
/** Most turns of the event loop that a stop waits for one that brings no connection. */
const MOST_TURNS = 1000;

/**
 * Puts a core behind a Node HTTP server; nothing listens yet. Predictions and states are answered on Node's own request and response.
 * Everything else goes through Hono, which is loaded with the first such request: with the web's Request and Response that it needs, it is a fifth of
 * the start's time and a tenth of the memory. `build` gets the readiness for `/ready`.
 */
export function createService(build: (isReady: () => boolean) => Core): Service {
  let stopping = false;
  let requests = 0;
  let connections = 0;
  const servers: Server[] = [];
  const isReady = () => !stopping;
  const core = build(isReady);
  let hono: Promise<RequestListener> | undefined;
  const answer: RequestListener = (incoming, outgoing) => {
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
  };

  const listen = (host: string, port: number, isShared = false) =>
    new Promise<string>((done, fail) => {
      const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 }, answer);
      server.on("connection", () => connections++);
      server.once("error", (error: NodeJS.ErrnoException) => fail(listenError(error, host, port)));
      server.listen({ port, host, ...(isShared && { reusePort: true }) }, () => {
        servers.push(server);
        const address = server.address();
        const actual = typeof address === "object" && address ? address.port : port;
        done(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
      });
    });

  /**
   * Closes listening sockets. Connections that the kernel has accepted for a socket are reset when it closes, also where others listen
   * on the port. So it closes right after a turn that has brought none: what is left is the time between that look and the call,
   * some microseconds.
   * @returns how many still have connections
   */
  const closeDoors = async (which: readonly Server[]): Promise<() => number> => {
    // Once for nothing, so that the call is compiled when its time counts.
    await new Promise<void>((done) => {
      const rehearsal = createServer().listen(0, "127.0.0.1", () => {
        NetServer.prototype.close.call(rehearsal, () => done());
      });
      rehearsal.once("error", () => done());
    });
    for (let turn = 0, seen = -1; turn < 2 || (turn < MOST_TURNS && seen !== connections); turn++) {
      seen = connections;
      await new Promise(setImmediate);
    }
    const open = new Set(which);
    // Not http.Server's close(): it closes idle connections at once, and with them requests that are on their way.
    for (const server of which) NetServer.prototype.close.call(server, () => open.delete(server));
    return () => open.size;
  };

  const stop = async (seconds: number) => {
    stopping = true;
    const deadline = Date.now() + seconds * 1000;
    const open = await closeDoors(servers);
    for (let quiet = 0, seen = requests; open() > 0 && Date.now() < deadline; seen = requests) {
      await sleep(Math.min(25, Math.max(1, deadline - Date.now())));
      quiet = requests === seen ? quiet + 25 : 0;
      if (quiet >= QUIET_MS) for (const server of servers) server.closeIdleConnections();
    }
    if (open() > 0) log("warn", "connections were cut: requests took longer than STOP_SECONDS", { seconds });
    for (const server of servers) {
      server.closeAllConnections();
      server.close(); // ends the timer that watches for slow requests
    }
  };

  return { core, isReady, listen, stop };
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const say = (message: string) => new Error(message, { cause: error });
  if (error.code === "EADDRINUSE")
    return say(
      `port ${port} on ${host} is in use. Stop what listens there, or set PORT to another port (0: any free one)`,
    );
  if (error.code === "ENOTSUP")
    return say("this system cannot share a port between processes: leave SHARED_PORT out and restart on PORT");
  if (error.code === "EACCES")
    return say(`port ${port} on ${host} may not be used by this user. Set PORT to one above 1023`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return say(`this machine has no address ${host}. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses`);
  return error;
}
