import { expect, test } from "vitest";
import { type ClusterApi, ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { waitForRollout } from "../../../infra/targets/kubernetes/rollout-provider.ts";

const INPUTS = { namespace: "ml", deployment: "churn", pods: "1", timeoutSeconds: 0.2 };

interface Cluster {
  /** The Deployment at each read; the last one repeats. */
  readonly statuses: readonly object[];
  readonly pods?: readonly object[];
  readonly events?: readonly object[];
  readonly log?: string;
  readonly previousLog?: string;
}

function clusterOf({ statuses, pods = [], events = [], log, previousLog }: Cluster): ClusterApi {
  let looks = 0;
  const get = async (path: string): Promise<string> => {
    if (path.endsWith("/deployments/churn")) {
      const status = statuses[Math.min(looks++, statuses.length - 1)];
      if (status instanceof Error) throw status;
      const selector = { matchLabels: { app: "churn" } };
      return JSON.stringify({ metadata: { generation: 2 }, spec: { replicas: 2, selector }, status });
    }
    if (path === "/api/v1/namespaces/ml/pods?labelSelector=app%3Dchurn") return JSON.stringify({ items: pods });
    if (path === "/api/v1/namespaces/ml/events") return JSON.stringify({ items: events });
    if (!path.includes("/log?")) throw new ClusterError(`nothing at ${path}`, "NotFound");
    const text = path.includes("previous=true") ? previousLog : log;
    if (text === undefined) throw new ClusterError(`nothing at ${path}`, "NotFound");
    return text;
  };
  return { get, put: () => Promise.reject(new Error("nothing is changed")) };
}

const DONE = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

async function failure(cluster: Cluster) {
  const said: string[] = [];
  const ended = waitForRollout(clusterOf(cluster), INPUTS, (line) => said.push(line), 5);
  const { message } = await ended.then(
    () => expect.fail("the rollout passed"),
    (error: Error) => error,
  );
  return { said, message };
}

test.each([
  ["the Deployment that is seen is the one before", { ...DONE, observedGeneration: 1 }],
  ["a pod of the version before is still there", { ...DONE, replicas: 3 }],
  ["one of the new pods is not available", { ...DONE, availableReplicas: 1 }],
  ["there are fewer pods than wanted", { ...DONE, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }],
])("it is not over while %s", async (_, status) => {
  await expect(waitForRollout(clusterOf({ statuses: [status, status, DONE] }), INPUTS, () => {}, 1)).resolves.toBe(
    undefined,
  );
  const { message } = await failure({ statuses: [status] });
  expect(message).toMatch(
    /^Deployment churn in namespace ml did not become available within 0.2 s: [0-2] of 2 new pods are available/,
  );
});

test("does not count pods of the previous version as new", async () => {
  const stuck = { ...DONE, replicas: 3, updatedReplicas: 1, availableReplicas: 2 };
  const { message } = await failure({ statuses: [stuck] });
  expect(message).toContain("0 of 2 new pods are available, 2 of the previous version still exist");
});

test("retries an unavailable API server, but not a refusal", async () => {
  const away = new ClusterError("kubectl get: connection refused");
  const inputs = { ...INPUTS, timeoutSeconds: 10 };
  await waitForRollout(clusterOf({ statuses: [away, DONE] }), inputs, () => {}, 1);
  const refused = new ClusterError("kubectl get: no such Deployment", "NotFound");
  await expect(waitForRollout(clusterOf({ statuses: [refused, DONE] }), inputs, () => {}, 1)).rejects.toBe(refused);
});

const NONE = { observedGeneration: 2, replicas: 0 };
const PENDING = { ...NONE, replicas: 2, updatedReplicas: 2 };
const pod = (status: object, spec = {}) => ({ metadata: { name: "churn-7f-abc" }, spec, status });

test("a quota: reports the Deployment's condition", async () => {
  const message = 'pods "churn-7f-abc" is forbidden: exceeded quota: small';
  const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }];
  const { message: reported, said } = await failure({ statuses: [{ ...NONE, conditions }] });
  expect(reported).toContain(`  FailedCreate: ${message}`);
  expect(said).toEqual([`FailedCreate: ${message}`]);
});

test("an unschedulable pod with an unbound claim: also reports the claim's warning", async () => {
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "unbound claims" }];
  const { message } = await failure({
    statuses: [PENDING],
    pods: [pod({ conditions }, { volumes: [{ persistentVolumeClaim: { claimName: "mlflow" } }] })],
    events: [
      { type: "Warning", reason: "ProvisioningFailed", message: "no class fast", involvedObject: { name: "mlflow" } },
      { type: "Warning", reason: "Other", message: "of another pod", involvedObject: { name: "other" } },
      {
        type: "Warning",
        reason: "FailedGetResourceMetric",
        message: "no metrics",
        involvedObject: { kind: "HorizontalPodAutoscaler", name: "churn" },
      },
      { type: "Normal", reason: "Scheduled", message: "fine", involvedObject: { name: "churn-7f-abc" } },
    ],
  });
  expect(message).toContain("  pod churn-7f-abc does not run: Unschedulable: unbound claims");
  expect(message).toContain("  mlflow: ProvisioningFailed: no class fast");
  expect(message).not.toMatch(/of another pod|fine/);
});

const crashed = {
  containerStatuses: [
    {
      name: "service",
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
      lastState: { terminated: { reason: "Error", exitCode: 1 } },
    },
  ],
};

test("a program that exits: reports its exit code, and the log of the exited container", async () => {
  const cluster = {
    statuses: [PENDING],
    pods: [pod(crashed)],
    log: "starting\n",
    previousLog: "API_TOKEN is set, but\n",
  };
  const { message, said } = await failure(cluster);
  const line = "pod churn-7f-abc does not run: CrashLoopBackOff: back-off 40s (it ended with exit code 1, Error)";
  expect(said).toEqual([line]);
  expect(message).toContain(`  ${line}\n  last lines of the log of pod churn-7f-abc:\n    API_TOKEN is set, but`);
  expect((await failure({ ...cluster, previousLog: undefined } as never)).message).toContain("    starting");
});

test("reports a pod that runs but is not ready, also without a reason", async () => {
  const unready = [{ type: "ContainersReady", status: "False", message: "containers with unready status: [service]" }];
  const running = [{ name: "service", state: { running: { startedAt: "2026-11-28T12:00:00Z" } } }];
  const pods = [pod({ conditions: unready, containerStatuses: running })];
  const { message } = await failure({ statuses: [PENDING], pods, log: "loading the model" });
  expect(message).toContain("  pod churn-7f-abc is not ready: containers with unready status: [service]");
  expect(message).toContain("    loading the model");
  expect((await failure({ statuses: [PENDING] })).message).toContain("  the cluster gives no reason");
});
