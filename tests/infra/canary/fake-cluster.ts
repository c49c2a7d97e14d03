import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { stringify } from "yaml";

/** A running pod: a process on this machine. */
interface Process extends AsyncDisposable {
  readonly url: string;
}

interface Workload {
  readonly labels: Readonly<Record<string, string>>;
  start(): Promise<Process>;
  readonly pods: Map<string, Process>;
}

const WEIGHTS = [100, 0];

/**
 * The part of a cluster's API that the canary uses, over real HTTP: Deployments whose scale starts and stops real processes, the
 * list of their pods, the proxy to their /metrics, and a route's weights. Any other request gets 404, as in a cluster.
 */
export class FakeCluster {
  readonly namespace = "ml";
  /** Every requested change, in order. */
  readonly changes: string[] = [];
  readonly workloads = new Map<string, Workload>();
  weights = WEIGHTS;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  /** @param file path for the kubeconfig */
  async listen(file: string): Promise<void> {
    await once(this.server.listen(0, "127.0.0.1"), "listening");
    const address = this.server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const server = `http://127.0.0.1:${port}`;
    const named = (what: object) => [{ name: "fake", ...what }];
    await writeFile(
      file,
      stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": "fake",
        users: named({ user: {} }),
        clusters: named({ cluster: { server } }),
        contexts: named({ context: { cluster: "fake", user: "fake" } }),
      }),
    );
  }

  deploy(name: string, track: string, start: Workload["start"]): void {
    this.workloads.set(name, { labels: { track }, start, pods: new Map() });
  }

  async scale(name: string, replicas: number): Promise<void> {
    const workload = this.workloads.get(name);
    if (!workload) throw new Error(`no Deployment ${name}`);
    const { pods } = workload;
    while (pods.size < replicas) pods.set(`${name}-${pods.size}`, await workload.start());
    for (const [pod, process] of [...pods].slice(replicas)) {
      pods.delete(pod);
      await process[Symbol.asyncDispose]();
    }
  }

  /** URLs of a track's pods. */
  urls(track: string): string[] {
    const workloads = [...this.workloads.values()].filter(({ labels }) => labels.track === track);
    return workloads.flatMap(({ pods }) => [...pods.values()].map(({ url }) => url));
  }

  async close(): Promise<void> {
    for (const name of this.workloads.keys()) await this.scale(name, 0);
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://cluster");
    const body = request.method === "PUT" ? ((await json(request)) as Record<string, never>) : undefined;
    const send = (status: number, answer: unknown) => {
      const text = typeof answer === "string" ? answer : JSON.stringify(answer);
      response.writeHead(status, { "content-type": typeof answer === "string" ? "text/plain" : "application/json" });
      response.end(text);
    };
    try {
      const answer = await this.handle(url, body);
      const missing = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
      send(answer === undefined ? 404 : 200, answer ?? { ...missing, message: `${url.pathname} not found` });
    } catch (error) {
      send(500, { kind: "Status", apiVersion: "v1", status: "Failure", message: String(error), code: 500 });
    }
  }

  private async handle(url: URL, body: Record<string, never> | undefined): Promise<unknown> {
    const [, kind, name = "", rest = ""] = /\/namespaces\/ml\/(\w+)\/?([^/]*)\/?(.*)$/.exec(url.pathname) ?? [];
    if (kind === "deployments") return this.deployment(name, rest, body);
    if (kind === "httproutes") return this.route(body);
    if (kind === "pods" && name === "") return this.pods(url.searchParams.get("labelSelector") ?? "");
    if (kind === "pods" && /^proxy\/(metrics|ready)$/.test(rest)) {
      const process = [...this.workloads.values()].map(({ pods }) => pods.get(name.split(":")[0] ?? "")).find(Boolean);
      return process && (await (await fetch(`${process.url}/${rest.slice("proxy/".length)}`)).text());
    }
    return undefined;
  }

  private async deployment(name: string, rest: string, body: { spec?: { replicas: number } } | undefined) {
    const workload = this.workloads.get(name);
    if (!workload) return undefined;
    if (rest === "scale" && body?.spec) {
      this.changes.push(`scale ${name} ${body.spec.replicas}`);
      await this.scale(name, body.spec.replicas);
      return body;
    }
    const template = { spec: { containers: [{ image: `registry.example/${name}` }] } };
    return { metadata: { name }, spec: { template }, status: { readyReplicas: workload.pods.size } };
  }

  private route(body: { spec?: { rules: { backendRefs: { weight: number }[] }[] } } | undefined) {
    if (body?.spec) {
      this.weights = body.spec.rules[0]?.backendRefs.map(({ weight }) => weight) ?? [];
      this.changes.push(`route ${this.weights.join("/")}`);
    }
    const [stable, canary] = this.weights;
    const backendRefs = [
      { name: "churn", port: 8000, weight: stable },
      { name: "churn-canary", port: 8000, weight: canary },
    ];
    return {
      metadata: { name: "churn", resourceVersion: "5" },
      spec: { hostnames: ["churn"], rules: [{ backendRefs }] },
    };
  }

  private pods(query: string) {
    const track = /track=(\w+)/.exec(query)?.[1];
    const workloads = [...this.workloads.values()].filter(({ labels }) => labels.track === track);
    const items = workloads.flatMap(({ pods }) =>
      [...pods.keys()].map((name) => ({
        metadata: { name },
        status: { conditions: [{ type: "Ready", status: "True" }], containerStatuses: [{ restartCount: 0 }] },
      })),
    );
    return { kind: "PodList", apiVersion: "v1", items };
  }
}
