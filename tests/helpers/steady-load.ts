import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface LoadReport {
  readonly sent: number;
  /** Reason for each request without status 200. */
  readonly failed: readonly string[];
  /** Slowest response, milliseconds. */
  readonly slowestMs: number;
}

export interface SteadyLoad {
  /** Stops the load, and resolves when all requests have been answered. */
  stop(): Promise<LoadReport>;
}

/**
 * Sends requests at a fixed rate, independent of earlier responses.
 * @param keepAlive whether to use persistent connections instead of a new one for each request
 */
export function steadyLoad(url: string, body: string, perSecond: number, keepAlive = true): SteadyLoad {
  const agent = new Agent({ keepAlive });
  const failed: string[] = [];
  const pending = new Set<Promise<void>>();
  let sent = 0;
  let slowestMs = 0;
  const send = () => {
    sent++;
    const start = performance.now();
    const one: Promise<void> = post(agent, url, body).then((outcome) => {
      slowestMs = Math.max(slowestMs, performance.now() - start);
      if (outcome !== "200") failed.push(outcome);
      pending.delete(one);
    });
    pending.add(one);
  };
  const begin = performance.now();
  let stopped = false;
  const run = (async () => {
    while (!stopped) {
      while (sent < ((performance.now() - begin) / 1000) * perSecond) send();
      await sleep(1);
    }
    await Promise.all(pending);
    agent.destroy();
  })();
  return {
    stop: async () => {
      stopped = true;
      await run;
      return { sent, failed, slowestMs: Math.round(slowestMs) };
    },
  };
}

const post = (agent: Agent, url: string, body: string) =>
  new Promise<string>((done) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { agent, method: "POST", headers, timeout: 20_000 }, (response) => {
      response.resume();
      response.once("end", () => done(String(response.statusCode)));
      response.once("error", (error: NodeJS.ErrnoException) => done(`in the answer: ${error.code}`));
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer within 20 s")));
    sent.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    sent.end(body);
  });
