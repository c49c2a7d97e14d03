import { expect, test } from "vitest";
import { readTraffic } from "../../../infra/targets/kubernetes/canary/pods.ts";
import { setCanaryWeight } from "../../../infra/targets/kubernetes/canary/replicas-and-weights.ts";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";

const ROUTE = {
  metadata: { name: "churn", resourceVersion: "5" },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: "churn", weight: 100 },
          { name: "churn-canary", weight: 0 },
        ],
      },
    ],
  },
};

/** A route with concurrent writers, which reject a number of changes as outdated. */
function routeOf(conflicts: number) {
  const written: unknown[] = [];
  const api: ClusterApi = {
    get: async () =>
      JSON.stringify({ ...ROUTE, metadata: { ...ROUTE.metadata, resourceVersion: String(written.length) } }),
    put: async (_path, body) => {
      written.push(body);
      if (written.length <= conflicts) throw new ClusterError("the object has been modified", "Conflict");
    },
  };
  return { api, written };
}

test("retries after a controller changed the route in between", async () => {
  const { api, written } = routeOf(2);
  await setCanaryWeight(api, "ml", "churn", "churn-canary", 20);
  expect(written).toHaveLength(3);
  expect(written.at(-1)).toMatchObject({
    metadata: { resourceVersion: "2" },
    spec: { rules: [{ backendRefs: [{ weight: 80 }, { weight: 20 }] }] },
  });
});

test("gives up after repeated conflicts", async () => {
  const { api, written } = routeOf(99);
  await expect(setCanaryWeight(api, "ml", "churn", "churn-canary", 20)).rejects.toThrow("the object has been modified");
  expect(written).toHaveLength(5);
});

const TRACK = { namespace: "ml", query: "track=stable", port: 8000 };
const pods = ["a", "b"].map((name) => ({ name, ready: true, restarts: 0 }));
const clusterWithout = (...gone: string[]): ClusterApi => ({
  get: async (path) => {
    const pod = /pods\/(\w+):8000\/proxy\/metrics$/.exec(path)?.[1] ?? "";
    if (gone.includes(pod)) throw new ClusterError(`pods "${pod}" not found`, "NotFound");
    return 'inference_requests_total{route="/predict",status="200"} 7\n';
  },
  put: async () => {},
});

test("skips a pod that has been deleted since it was listed", async () => {
  const read = await readTraffic(clusterWithout("a"), TRACK, pods);
  expect([...read].map(([name, { requests }]) => [name, requests])).toEqual([["b", 7]]);
});

test("fails if no pod responds", async () => {
  await expect(readTraffic(clusterWithout("a", "b"), TRACK, pods)).rejects.toThrow('pods "a" not found');
});
