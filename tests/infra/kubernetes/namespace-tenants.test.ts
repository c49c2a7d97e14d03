import { RunError } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { kubernetesTarget } from "../../../infra/targets/kubernetes/kubernetes-target.ts";
import { labels } from "../../../infra/targets/kubernetes/labels.ts";
import { clusterWith, settingsOf } from "./kubernetes-program.ts";

const PODS = "/api/v1/namespaces/tenants/pods";
const pod = (name: string, of: Readonly<Record<string, string>> = {}, more: object = {}) => ({
  metadata: { name, labels: { ...of, "pod-template-hash": "1" }, ...more },
});
const service = labels("churn-model", "churn-model-staging", "inference");
const OWN = [
  pod("served", service),
  pod("mlflow-1", labels("churn-model", "mlflow", "mlflow")),
  pod("trained", labels("churn-model", "churn-model-training", "training")),
  pod("leaving", {}, { deletionTimestamp: "2026-11-29T00:00:00Z" }),
];

const inNamespace = (kubernetes: object, objects: Readonly<Record<string, object>>, environment?: "production") =>
  kubernetesTarget(settingsOf({ kubernetes, ...(environment && { environment }) }), { cluster: clusterWith(objects) });

test("rejects a namespace with other pods as the stack's own, with their names, before anything is declared", async () => {
  const items = [...OWN, ...["a", "b", "c", "d", "e", "f"].map((name) => pod(name))];
  const refused = inNamespace({ existingNamespace: "tenants" }, { [PODS]: { items } });
  await expect(refused).rejects.toBeInstanceOf(RunError);
  await expect(refused).rejects.toThrow(
    "namespace tenants has pods that are not this stack's: a, b, c, d, e and 1 more. kubernetes.existingNamespace is for a namespace of the",
  );
});

test.each([
  ["another model's", pod("other", labels("cancer", "cancer-staging", "inference"))],
  ["another environment's", pod("other", labels("churn-model", "churn-model-production", "inference"))],
])("%s pods are not the stack's", async (_, other) => {
  const refused = inNamespace({ existingNamespace: "tenants" }, { [PODS]: { items: [other] } });
  await expect(refused).rejects.toThrow("not this stack's: other.");
});

test("staging's MLflow is not a pod of production", async () => {
  const refused = inNamespace({ existingNamespace: "tenants" }, { [PODS]: { items: OWN } }, "production");
  await expect(refused).rejects.toThrow("not this stack's: served, mlflow-1.");
});

test("accepts the stack's own pods, an empty or shared namespace, and an unreachable cluster", async () => {
  await expect(inNamespace({ existingNamespace: "tenants" }, { [PODS]: { items: OWN } })).resolves.toBeDefined();
  await expect(inNamespace({ existingNamespace: "tenants" }, { [PODS]: { items: [] } })).resolves.toBeDefined();
  await expect(inNamespace({ namespace: "tenants" }, { [PODS]: { items: [pod("a")] } })).resolves.toBeDefined();
  await expect(inNamespace({ existingNamespace: "tenants" }, {})).resolves.toBeDefined();
});

test("accepts a namespace that the stack already uses, even with other pods", async () => {
  const path = "/apis/apps/v1/namespaces/tenants/deployments/churn-model-staging";
  const deployment = { metadata: { labels: service }, spec: { template: { spec: { containers: [] } } } };
  const objects = { [PODS]: { items: [pod("a")] }, [path]: deployment };
  await expect(inNamespace({ existingNamespace: "tenants" }, objects)).resolves.toBeDefined();
});

test.each(["default", "kube-system", "kube-public"])("rejects %s as the stack's own", (existingNamespace) => {
  expect(() => settingsOf({ kubernetes: { existingNamespace } })).toThrow(
    `kubernetes.existingNamespace must not be default or kube-…, got "${existingNamespace}": the stack denies all other traffic in a namespace of its own`,
  );
});
