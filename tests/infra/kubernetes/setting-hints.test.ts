import { expect, test } from "vitest";
import type { ClusterApi } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { pod } from "../../../infra/targets/kubernetes/pod-problems.ts";
import { whyNotRunning } from "../../../infra/targets/kubernetes/pod-report.ts";
import { settingHints } from "../../../infra/targets/kubernetes/setting-hints.ts";

const SUBJECT = { part: "service", namespace: "ml", claims: [] } as const;

test("says nothing of what no setting changes", () => {
  expect(settingHints(["ImagePullBackOff: not found", "exceeded quota"], SUBJECT)).toEqual([]);
});

const unscheduled = (message: string) => ({ conditions: [{ type: "PodScheduled", status: "False", message }] });
const lastState = { terminated: { reason: "OOMKilled", exitCode: 137 } };
const waiting = { waiting: { reason: "CrashLoopBackOff", message: "back-off" } };

test.each([
  ["churn", unscheduled("0/1 nodes are available: 1 Insufficient cpu."), "kubernetes.service.cpu <cpus>"],
  ["mlflow", unscheduled("0/1 nodes are available: 1 Insufficient memory."), "kubernetes.mlflow.memory <quantity>"],
  ["churn", { containerStatuses: [{ state: waiting, lastState }] }, "kubernetes.service.memory <quantity>"],
])("pods of %s that do not run because of %j", async (name, status, setting) => {
  const api: ClusterApi = { get: async () => JSON.stringify({ items: [] }), put: async () => {} };
  const pods = [pod.parse({ metadata: { name: `${name}-1` }, status })];
  const lines = await whyNotRunning(api, { namespace: "ml", names: [name], conditions: [], pods });
  expect(lines.at(-1)).toContain(`pulumi config set --path ${setting}`);
});

test("a claim with a wrong storage class must be deleted, because corrections do not reach it", async () => {
  const event = {
    type: "Warning",
    reason: "ProvisioningFailed",
    message: 'storageclass.storage.k8s.io "fsat" not found',
  };
  const items = [{ ...event, involvedObject: { kind: "PersistentVolumeClaim", name: "mlflow" } }];
  const api: ClusterApi = { get: async () => JSON.stringify({ items }), put: async () => {} };
  const spec = { volumes: [{ persistentVolumeClaim: { claimName: "mlflow" } }] };
  const pods = [pod.parse({ metadata: { name: "mlflow-1" }, spec })];
  const lines = await whyNotRunning(api, { namespace: "ml", names: ["mlflow"], conditions: [], pods });
  expect(lines.at(-1)).toMatch(
    /kubernetes\.mlflow\.storageClass .*: kubectl --namespace ml delete persistentvolumeclaim mlflow && pulumi up --refresh$/,
  );
});
