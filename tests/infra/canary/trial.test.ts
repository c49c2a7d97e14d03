import { expect, test } from "vitest";
import { refusal } from "../../../infra/targets/kubernetes/canary/canary-analysis-provider.ts";
import { runTrial } from "../../../infra/targets/kubernetes/canary/trial.ts";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";

const SETTINGS = {
  namespace: "ml",
  stable: "churn",
  canary: "churn-canary",
  stablePods: "track=stable",
  canaryPods: "track=canary",
  port: 8000,
  percent: 20,
  seconds: 1,
  intervalSeconds: 1,
  readySeconds: 1,
  errorRateMargin: 0.02,
  latencyFactor: 1.5,
  latencyFloorMs: 5,
  predictionMargin: 0.1,
  minRequests: 1,
};

test("a version that production has served before needs no trial and no request to the cluster", async () => {
  const refuse = async (path: string) => {
    throw new ClusterError(`nothing should be asked of ${path}`, "Refused");
  };
  const settings = { ...SETTINGS, candidate: { image: "churn@sha256:1" } };
  expect(await runTrial({ get: refuse, put: refuse }, { ...settings, wasInProduction: true }, () => {})).toEqual({
    verdict: "pass",
    findings: ["production has served this version before: no trial"],
  });
  await expect(
    runTrial({ get: refuse, put: refuse }, { ...settings, wasInProduction: false }, () => {}),
  ).rejects.toThrow();
});

/** Deployments with this image and one ready pod; the canary's can be deleted before or during its trial. */
function clusterWithout(canary: "before" | "during", route = false): { api: ClusterApi; writes: string[] } {
  const writes: string[] = [];
  const template = { spec: { containers: [{ image: "churn@sha256:1" }] } };
  const gone = (path: string) => new ClusterError(`kubectl replace ${path}: not found`, "NotFound");
  const api: ClusterApi = {
    get: async (path) => {
      if (path.endsWith("/deployments/churn"))
        return JSON.stringify({ spec: { template }, status: { readyReplicas: 1 } });
      if (path.includes("/httproutes/")) throw gone(path);
      // The trial finds no canary pods.
      return JSON.stringify({ items: [] });
    },
    put: async (path) => {
      writes.push(path);
      if (canary === "before" || writes.length > 1 || route) throw gone(path);
    },
  };
  return { api, writes };
}

test("a canary that was deleted before its trial does not fail the cleanup, and the error says how to recreate it", async () => {
  const { api, writes } = clusterWithout("before", true);
  const settings = { ...SETTINGS, route: "churn", candidate: { image: "churn@sha256:2" } };
  await expect(runTrial(api, settings, () => {})).rejects.toThrow(
    "the canary has no verdict: Deployment churn-canary in namespace ml was deleted. To recreate it: pulumi up --refresh",
  );
  expect(writes).toHaveLength(2);
});

test("a canary that is deleted during its trial needs no cleanup", async () => {
  const { api } = clusterWithout("during");
  const { verdict, findings } = await runTrial(api, { ...SETTINGS, candidate: { image: "churn@sha256:2" } }, () => {});
  expect(verdict).toBe("fail");
  expect(findings.at(-1)).toMatch(/^Deployment churn-canary .* was deleted\. To recreate it: pulumi up --refresh$/);
});

test("an inconclusive trial names the remedy", () => {
  const candidate = { image: "i", version: "2", sha256: "s" };
  const { message } = refusal({ verdict: "inconclusive", findings: [] }, { ...SETTINGS, candidate });
  expect(message).toContain("Without callers, no trial can pass: pulumi config rm canary");
});

test("a version that already serves has no trial against itself, as when a canary is first configured", async () => {
  const asked: string[] = [];
  const api: ClusterApi = {
    get: async (path) => {
      asked.push(path);
      const template = { spec: { containers: [{ image: "churn@sha256:1" }] } };
      return JSON.stringify({ spec: { template }, status: { readyReplicas: 2 } });
    },
    put: async (path) => {
      throw new ClusterError(`nothing should be written to ${path}`, "Refused");
    },
  };
  const candidate = { image: "churn@sha256:1" };
  expect(await runTrial(api, { ...SETTINGS, candidate }, () => {})).toEqual({
    verdict: "pass",
    findings: ["this version already serves, so there is nothing to compare it with"],
  });
  expect(asked).toEqual(["/apis/apps/v1/namespaces/ml/deployments/churn"]);
  await expect(runTrial(api, { ...SETTINGS, candidate: { image: "churn@sha256:2" } }, () => {})).rejects.toThrow(
    "nothing should be written",
  );
});

/** Stable pods of another image that become ready only after a number of reads. */
function stableReadyAfter(looks: number, spec: object = {}): { api: ClusterApi; looked: () => number } {
  let asked = 0;
  const template = { spec: { containers: [{ image: "churn@sha256:1" }] } };
  const api: ClusterApi = {
    get: async () =>
      JSON.stringify({ spec: { template, ...spec }, status: { readyReplicas: asked++ < looks ? 0 : 1 } }),
    put: async (path) => {
      throw new ClusterError(`reached ${path}`, "Refused");
    },
  };
  return { api, looked: () => asked };
}
const NEXT = { ...SETTINGS, candidate: { image: "churn@sha256:2" } };

test("waits for stable pods before the trial", async () => {
  const { api, looked } = stableReadyAfter(1);
  await expect(runTrial(api, NEXT, () => {})).rejects.toThrow("reached");
  expect(looked()).toBe(2);
});

test("does not pass without a trial if stable pods never become ready", async () => {
  const { api } = stableReadyAfter(99);
  const { verdict, findings } = await runTrial(api, NEXT, () => {});
  expect(verdict).toBe("inconclusive");
  expect(findings).toEqual([
    "no pod of Deployment churn in namespace ml became ready within 1 s, so there is nothing to compare with. Restore it first: " +
      "run an update with production's current version, or npm run rollback",
  ]);
});

test("the version after a failed first rollout needs no trial, because nothing has served", async () => {
  const { api } = stableReadyAfter(99, { paused: true });
  expect(await runTrial(api, NEXT, () => {})).toMatchObject({ verdict: "pass" });
});

test("without a Deployment, a version does not pass if the registry has another one in production", async () => {
  const api: ClusterApi = {
    get: async (path) => Promise.reject(new ClusterError(`${path} not found`, "NotFound")),
    put: async () => {},
  };
  const run = (version: string, standing: string | undefined) =>
    runTrial(
      api,
      { ...SETTINGS, candidate: { image: "churn@sha256:2", version } },
      () => {},
      async () => standing,
    );
  const { verdict, findings } = await run("3", "2");
  expect(verdict).toBe("inconclusive");
  expect(findings[0]).toContain("does not exist, but the registry has version 2 in this environment");
  expect(await run("2", "2")).toMatchObject({ verdict: "pass" });
  expect(await run("3", undefined)).toMatchObject({ verdict: "pass" });
});
