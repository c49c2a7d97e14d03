import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HealthAnswer } from "../../../service/contract.ts";

/** Address at which an Ingress controller or a Gateway accepts requests. */
export interface Edge {
  /** Class of the Ingress, or the Gateway as `namespace/name`. */
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** Reads `name@host:port` from an environment variable; undefined if it is not set. */
export function edgeOf(variable: string): Edge | undefined {
  const [, name, hostname, port] = /^([^@]+)@([^:]+):(\d+)$/.exec(process.env[variable] ?? "") ?? [];
  return name && hostname && port ? { name, hostname, port: Number(port) } : undefined;
}

const kept = new Agent({ keepAlive: true, maxSockets: 8 });

/** Requests a host's path like an external caller, over persistent connections. */
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

/** Returns the version that a host's service reports. */
export const servedThrough = async (edge: Edge, host: string): Promise<string> =>
  HealthAnswer.parse(JSON.parse((await callThrough(edge, host, "/health")).text)).version;

export interface EdgeCallers {
  /** Responses so far, by version. */
  readonly versions: ReadonlyMap<string, number>;
  /** @returns failed requests by reason, after all requests have been answered */
  stop(): Promise<ReadonlyMap<string, number>>;
}

/** Requests a prediction and the version a number of times per second, until it is stopped. */
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
