import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningMlflow, startMlflow } from "../helpers/mlflow-server.ts";
import { type ClusterProject, makeClusterProject } from "./helpers/cluster-project.ts";
import { figures } from "./helpers/figures.ts";
import { kubectl } from "./helpers/kubectl.ts";
import { missingForCluster } from "./helpers/missing.ts";
import { callersThrough, callThrough, type Edge, edgeOf, servedThrough } from "./helpers/through-edge.ts";

const ingress = edgeOf("CLUSTER_INGRESS");
const gateway = edgeOf("CLUSTER_GATEWAY");
const missing = [
  ...missingForCluster(),
  ...(ingress || gateway
    ? []
    : ["an Ingress class in CLUSTER_INGRESS=class@host:port or a Gateway in CLUSTER_GATEWAY=namespace/name@host:port"]),
];
const HOST = "churn.example.com";
const ROW = { features: [Array.from({ length: 10 }, () => 0)] };
const CANARY = { percent: 25, seconds: 30, intervalSeconds: 2, minRequests: 100, predictionMargin: 0.3 };

describe.skipIf(missing.length > 0)(`callers from outside (requires ${missing.join(", ") || "nothing more"})`, () => {
  const { all, timed } = figures();
  let mlflow: RunningMlflow;
  let project: ClusterProject;
  const succeeds = async (...args: string[]) => {
    const { exitCode, output } = await timed("up staging", () => project.up("staging", ...args));
    expect(exitCode, output).toBe(0);
    return output;
  };
  /** Checks that every path of the service except /metrics is reachable, and no other host. */
  const isExposed = async (edge: Edge) => {
    const statuses = await Promise.all([
      ...["/health", "/ready", "/", "/openapi.json", "/v2/health/ready", "/metrics"].map((path) =>
        callThrough(edge, HOST, path),
      ),
      callThrough(edge, HOST, "/predict", ROW),
      callThrough(edge, "other.example.com", "/health"),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404, 200, 404]);
  };

  beforeAll(async () => {
    mlflow = await startMlflow();
    project = await makeClusterProject({ trackingUri: mlflow.url });
  });
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await mlflow?.stop();
  });

  test.skipIf(!ingress)("an Ingress routes to the service (requires CLUSTER_INGRESS)", async () => {
    if (!ingress) throw new Error("no Ingress class");
    await project.set("staging", "kubernetes.exposure", { kind: "ingress", host: HOST, className: ingress.name });
    await succeeds();
    await isExposed(ingress);
    expect(await servedThrough(ingress, HOST)).toBe("1");
    await succeeds("--expect-no-changes", "--skip-preview", "--refresh");
  });

  test.skipIf(!gateway)("a Gateway's route leads to the service (requires CLUSTER_GATEWAY)", async () => {
    if (!gateway) throw new Error("no Gateway");
    const [namespace, name] = gateway.name.split("/");
    await project.set("staging", "kubernetes.exposure", { kind: "gateway", host: HOST, gateway: { name, namespace } });
    await project.set("staging", "canary", CANARY);
    await succeeds();
    await isExposed(gateway);
    await succeeds("--expect-no-changes", "--skip-preview", "--refresh");
  });

  test.skipIf(!gateway)("a canary gets its share of the requests, also over persistent connections", async () => {
    if (!gateway) throw new Error("no Gateway");
    const before = await servedThrough(gateway, HOST);
    await project.set("staging", "training.params.C", 0.5);
    const callers = callersThrough(gateway, HOST, 30);
    const weights = watchWeights(project, () => new Map(callers.versions));
    await succeeds();
    const seen = await weights.stop();
    const failed = await callers.stop();
    all.requests += total(callers.versions);
    all.failedRequests += total(failed);
    expect([...failed]).toEqual([]);
    expect(seen.map(({ weights }) => weights)).toEqual(["100,0", "75,25", "100,0"]);
    const [, begun, ended] = seen;
    if (!begun || !ended) throw new Error("no trial was observed");
    const next = String(Number(before) + 1);
    const answers = total(ended.at) - total(begun.at);
    const share = ((ended.at.get(next) ?? 0) - (begun.at.get(next) ?? 0)) / answers;
    console.log(`of ${answers} answers in the trial ${(100 * share).toFixed(1)} % came from the canary`);
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
    expect(await servedThrough(gateway, HOST)).toBe(next);
    await succeeds("--expect-no-changes", "--skip-preview", "--refresh");
  });
});

const total = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Records the route's weights as they change, with the requests counted by then. */
function watchWeights<Counted>(project: ClusterProject, count: () => Counted) {
  const seen: { readonly weights: string; readonly at: Counted }[] = [];
  let stopping = false;
  const route = ["get", "httproutes", `${project.model}-staging`, "--output"];
  const path = "jsonpath={.spec.rules[0].backendRefs[0].weight},{.spec.rules[0].backendRefs[1].weight}";
  const look = async () => {
    const weights = await kubectl(["--namespace", project.namespace("staging"), ...route, path]);
    if (weights !== seen.at(-1)?.weights) seen.push({ weights, at: count() });
  };
  const watching = (async () => {
    for (; !stopping; await sleep(500)) await look();
  })();
  return {
    stop: async () => {
      stopping = true;
      await watching;
      await look();
      return seen;
    },
  };
}
