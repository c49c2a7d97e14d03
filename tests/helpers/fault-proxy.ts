import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

export const FAULTS = [
  /** The server is down: this connection is reset, new ones are refused. */
  "down",
  /** No response for as long as the client waits. */
  "slow",
  "error-500",
  "busy-503",
  /** The connection is cut after half of the request's body. */
  "cut-request",
  /** The server executes the request, but the response is lost. */
  "lost-answer",
  /** The connection is cut in the middle of the response's body. */
  "cut-response",
  /** Half of the response's body, which ends as if it were complete. */
  "half-answer",
] as const;
export type Fault = (typeof FAULTS)[number];

/** A forwarded request. */
export interface Step {
  readonly method: string;
  /** Without query, below `/api/2.0/`. */
  readonly path: string;
  readonly requestBytes: number;
  responseBytes: number;
}

export interface ArmedFault {
  readonly fault: Fault;
  /** Number of the matching request to hit, counted from 1 since the fault was armed. */
  readonly nth: number;
  /** Paths that match; by default, all. */
  readonly method?: string;
  readonly path?: RegExp;
  /** Whether the fault lasts from the n-th request on, or hits only that one. */
  readonly forGood: boolean;
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Requests since the last `record`, including those that were hit. */
  readonly steps: readonly Step[];
  /** Number of times that the armed fault has struck. */
  readonly hits: number;
  /** Forgets the requests so far. */
  record(): void;
  arm(fault: ArmedFault): void;
  /** Disarms the fault. */
  disarm(): Promise<void>;
  /** Calls a function when the n-th request from now arrives; if it returns false, the request is not forwarded. */
  intercept(nth: number, strike: () => boolean): void;
}

/** Time until a server that was down for one request is back. */
const BACK_MS = 150;

/** Starts a proxy between the program and a real MLflow server that injects faults of networks and servers. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const target = new URL(upstream);
  let steps: Step[] = [];
  let armed: (ArmedFault & { matched: number; hits: number }) | undefined;
  let trap: { left: number; strike: () => boolean } | undefined;
  let port = 0;
  const held = new Set<ServerResponse>();

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  // A connection kept open while the server "went down" would be reset in the next case.
  server.keepAliveTimeout = 0;
  const listen = async () => {
    if (server.listening) return;
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  };

  function struckBy({ method, path }: Step): Fault | undefined {
    if (!armed) return undefined;
    if (armed.method !== undefined && armed.method !== method) return undefined;
    if (armed.path && !armed.path.test(path)) return undefined;
    armed.matched++;
    const strikes = armed.forGood ? armed.matched >= armed.nth : armed.matched === armed.nth;
    if (!strikes) return undefined;
    armed.hits++;
    return armed.fault;
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = incoming;
    const body = await buffer(incoming);
    const path = new URL(url, "http://proxy").pathname.replace(/^\/api\/2\.0\//, "");
    const step: Step = { method, path, requestBytes: body.length, responseBytes: 0 };
    steps.push(step);
    if (trap && --trap.left === 0 && !trap.strike()) return void incoming.socket.resetAndDestroy();
    const fault = struckBy(step);
    switch (fault) {
      case "down":
        return goDown(incoming);
      case "slow":
        // Until the client gives up, or the fault is disarmed.
        return void held.add(response);
      case "error-500":
        return void response.writeHead(500).end("something broke");
      case "busy-503":
        return void response.writeHead(503, { "retry-after": "0" }).end("too busy");
      case "cut-request":
        await sendHalf(method, url, headers, body);
        return void incoming.socket.resetAndDestroy();
    }
    const answer = await forward(method, url, headers, body);
    step.responseBytes = answer.body.length;
    if (fault === "lost-answer") return void incoming.socket.resetAndDestroy();
    const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
    response.writeHead(answer.status, { "content-type": answer.type, connection: "close" });
    if (fault === "half-answer") return void response.end(half);
    if (fault !== "cut-response") return void response.end(answer.body);
    response.write(half, () => incoming.socket.resetAndDestroy());
  }

  function goDown(incoming: IncomingMessage): void {
    const forGood = armed?.forGood === true;
    server.close();
    incoming.socket.resetAndDestroy();
    server.closeAllConnections();
    if (!forGood) setTimeout(() => listen().catch(() => undefined), BACK_MS);
  }

  const options = (method: string, path: string, headers: IncomingHttpHeaders, body: Buffer) => ({
    host: target.hostname,
    port: target.port,
    method,
    path,
    agent: false as const,
    headers: { ...headers, host: target.host, connection: "close", "content-length": String(body.length) },
  });

  function forward(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer) {
    return new Promise<{ status: number; type: string; body: Buffer }>((done, fail) => {
      const asked = request(options(method, path, headers, body), (answer) => {
        const type = answer.headers["content-type"] ?? "application/octet-stream";
        buffer(answer).then((bytes) => done({ status: answer.statusCode ?? 502, type, body: bytes }), fail);
      });
      asked.once("error", fail).end(body);
    });
  }

  function sendHalf(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer) {
    return new Promise<void>((done) => {
      const asked = request(options(method, path, headers, body));
      asked.once("error", () => done()).once("close", () => done());
      asked.write(body.subarray(0, Math.floor(body.length / 2)), () => setTimeout(() => asked.destroy(), 20));
    });
  }

  await listen();
  const disarm = async () => {
    armed = undefined;
    for (const response of held) response.destroy();
    held.clear();
    // A server that was down for one request may be about to restart by itself.
    await listen().catch(async () => server.listening || once(server, "listening"));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    get steps() {
      return steps;
    },
    get hits() {
      return armed?.hits ?? 0;
    },
    record: () => {
      steps = [];
    },
    arm: (fault) => {
      armed = { ...fault, matched: 0, hits: 0 };
    },
    disarm,
    intercept: (nth, strike) => {
      trap = { left: nth, strike };
    },
    [Symbol.asyncDispose]: async () => {
      await disarm();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
