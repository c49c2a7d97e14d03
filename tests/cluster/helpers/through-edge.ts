import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HealthAnswer } from "../../../service/contract.ts";

/** Where an Ingress controller or a Gateway takes requests. */
export interface Edge {
  /** Class of the Ingress, or the Gateway as `namespace/name`. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** From `name@host:port` in an environment variable; undefined if it is not set. */
export function edgeOf(variable: string): Edge | undefined {
  const [, name, hostname, port] = /^([^@]+)@([^:]+):(\d+)$/.exec(process.env[variable] ?? "") ?? [];
  return name && hostname && port ? { name, hostname, port: Number(port) } : undefined;
}

const kept = new Agent({ keepAlive: true, maxSockets: 8 });

/** Calls a host's path as callers from outside do, over connections that are kept. */
export const callThrough = (
  { hostname, port }: Edge,
  host: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((done, fail) => {
    const headers = { host, ...(body && { "content-type": "application/json" }) };
    const sent = request({ hostname, port, path, method: body ? "POST" : "GET", headers, agent: kept }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.once("error", fail).once("end", () => done({ status: answer.statusCode ?? 0, text }));
    });
    sent.once("error", fail).end(body && JSON.stringify(body));
  });

/** Version that a host's service answers with. */
export const servedThrough = async (edge: Edge, host: string): Promise<string> =>
  HealthAnswer.parse(JSON.parse((await callThrough(edge, host, "/health")).text)).version;

export interface EdgeCallers {
  /** Answers so far, by version. */
  readonly versions: ReadonlyMap<string, number>;
  /** @returns failed requests by reason, when all that was sent has been answered */
  stop(): Promise<ReadonlyMap<string, number>>;
}

/** Asks for a prediction and for the version, so many times a second, until it is stopped. */
export function callersThrough(edge: Edge, host: string, perSecond: number): EdgeCallers {
  const versions = new Map<string, number>();
  const failed = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  let stopping = false;
  const one = async () => {
    const features = [Array.from({ length: 10 }, () => 2 * Math.random() - 1)];
    const { status, text } = await callThrough(edge, host, "/predict", { features });
    if (status !== 200) return count(failed, `${status} ${text.slice(0, 100)}`);
    count(versions, await servedThrough(edge, host));
  };
  const calling = (async () => {
    const pending = new Set<Promise<unknown>>();
    for (; !stopping; await sleep(1000 / perSecond)) {
      const call = one()
        .catch((error: Error) => count(failed, error.message))
        .finally(() => pending.delete(call));
      pending.add(call);
    }
    await Promise.all(pending);
  })();
  return {
    versions,
    stop: async () => {
      stopping = true;
      await calling;
      return failed;
    },
  };
}
