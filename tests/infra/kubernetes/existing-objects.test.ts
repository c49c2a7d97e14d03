import { log, RunError } from "@pulumi/pulumi";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { OWNER, readExistingObjects, usedByOther } from "../../../infra/targets/kubernetes/existing-objects.ts";
import { kubernetesTarget } from "../../../infra/targets/kubernetes/kubernetes-target.ts";
import { stackId } from "../../../infra/targets/target.ts";
import { clusterWith, mockedKubernetes, settingsOf } from "./kubernetes-program.ts";
import { MLFLOW_IMAGE } from "./render.ts";

const NAMES = { namespace: "churn-model-staging", service: "churn-model-staging", mlflow: "mlflow" };
const TENANT = { stack: "p/staging", modelName: "churn-model", modelLabel: "churn-model", hasServer: true };
const WAY_OUT = "Set another namespace: pulumi config set --path kubernetes.namespace <namespace>";
const REGISTRY = `${WAY_OUT}, or use that registry: mlflow.trackingUri`;

const NAMESPACE = "/api/v1/namespaces/churn-model-staging";
const SERVICE = "/apis/apps/v1/namespaces/churn-model-staging/deployments/churn-model-staging";
const MLFLOW = "/apis/apps/v1/namespaces/churn-model-staging/deployments/mlflow";

const namespace = (stack?: string) => ({ metadata: { ...(stack && { annotations: { [OWNER]: stack } }) } });
/** An object in the cluster: of a model and, except for earlier releases, of a stack. */
const deployment = (model: string, stack?: string) => ({
  metadata: {
    ...namespace(stack).metadata,
    labels: { "app.kubernetes.io/name": model.toLowerCase().replace("_", "-") },
  },
  spec: {
    template: {
      spec: {
        containers: [
          {
            env: [
              { name: "MODEL_NAME", value: model },
              { name: "X", valueFrom: {} },
            ],
          },
        ],
      },
    },
  },
});

const refusal = async (objects: Readonly<Record<string, object>>, tenant = TENANT) => {
  const look = await readExistingObjects(clusterWith(objects), NAMES);
  return look && usedByOther(look, NAMES, tenant);
};

test.each([
  ["nothing is there", {}],
  [
    "all of it is the stack's own",
    {
      [NAMESPACE]: namespace("p/staging"),
      [SERVICE]: deployment("churn-model", "p/staging"),
      [MLFLOW]: deployment("churn-model", "p/staging"),
    },
  ],
  [
    "an earlier release made it",
    { [NAMESPACE]: namespace(), [SERVICE]: deployment("churn-model"), [MLFLOW]: deployment("churn-model") },
  ],
  ["the stack's model has another name now", { [SERVICE]: deployment("Churn_Model", "p/staging") }],
])("names are free when %s", async (_when, objects) => {
  expect(await refusal(objects)).toBeUndefined();
});

test.each([
  [
    { [NAMESPACE]: namespace("other/staging") },
    `namespace churn-model-staging belongs to stack other/staging. ${WAY_OUT}. If that is the former name of this stack: ` +
      "kubectl annotate namespace/churn-model-staging model-promotion/stack=p/staging --overwrite",
  ],
  [
    { [SERVICE]: deployment("churn-model", "other/staging") },
    `Deployment churn-model-staging in namespace churn-model-staging belongs to stack other/staging. ${WAY_OUT}. If that is the ` +
      "former name of this stack: kubectl annotate deployment/churn-model-staging --namespace churn-model-staging " +
      "model-promotion/stack=p/staging --overwrite",
  ],
  [
    { [SERVICE]: deployment("Churn_Model") },
    `Deployment churn-model-staging in namespace churn-model-staging serves another model, Churn_Model. ${WAY_OUT}`,
  ],
  [
    { [MLFLOW]: deployment("cancer", "p/cancer-staging") },
    `Deployment mlflow in namespace churn-model-staging belongs to stack p/cancer-staging. ${REGISTRY}`,
  ],
  [
    { [MLFLOW]: deployment("cancer") },
    `Deployment mlflow in namespace churn-model-staging belongs to a stack of another model, cancer. ${REGISTRY}`,
  ],
])("names of another stack or model are refused by name: %#", async (objects, message) => {
  expect(await refusal(objects)).toBe(message);
});

test("another stack's MLflow does not affect a stack without a server of its own", async () => {
  expect(await refusal({ [MLFLOW]: deployment("cancer") }, { ...TENANT, hasServer: false })).toBeUndefined();
});

test("an unreachable cluster is left to the provider, which reports the reason", async () => {
  const silent = { get: () => Promise.reject(new ClusterError("kubectl get: no route to host")), put: async () => {} };
  const warn = vi.spyOn(log, "warn").mockResolvedValue();
  onTestFinished(() => warn.mockRestore());
  expect(await readExistingObjects(silent, NAMES)).toBeUndefined();
  expect(warn.mock.calls.flat()).toEqual([expect.stringMatching(/^the cluster cannot be reached: /)]);
});

test("the target queries the cluster before it declares anything", async () => {
  const cluster = clusterWith({ [NAMESPACE]: namespace("other/staging") });
  const target = kubernetesTarget(settingsOf({}), { cluster });
  await expect(target).rejects.toBeInstanceOf(RunError);
  await expect(target).rejects.toThrow("namespace churn-model-staging belongs to stack other/staging.");
});

describe("a namespace that the stack would create but that already exists", () => {
  const managedBy = (manager: string, more: object = {}) => ({
    metadata: { managedFields: [{ manager, operation: "Update" }], ...more },
  });
  const withNamespace = (found: object, kubernetes: object = {}, more: Readonly<Record<string, object>> = {}) =>
    kubernetesTarget(settingsOf({ kubernetes }), { cluster: clusterWith({ [NAMESPACE]: found, ...more }) });

  test("created manually: the error names both ways to use it", async () => {
    const refused = withNamespace(managedBy("kubectl-create"));
    await expect(refused).rejects.toBeInstanceOf(RunError);
    await expect(refused).rejects.toThrow(
      "namespace churn-model-staging already exists and was not created by a stack. " +
        "To use it for this stack alone: pulumi config set --path kubernetes.existingNamespace churn-model-staging. " +
        "To share it with other workloads: pulumi config set --path kubernetes.namespace churn-model-staging",
    );
  });

  test.each([
    ["existingNamespace", { existingNamespace: "churn-model-staging" }],
    ["namespace", { namespace: "churn-model-staging" }],
  ])("by hand, and named by kubernetes.%s, is taken", async (_, kubernetes) => {
    await expect(withNamespace(managedBy("kubectl-create"), kubernetes)).resolves.toBeDefined();
  });

  test("created by an earlier update of this stack: accepted", async () => {
    const { metadata } = namespace(stackId());
    await expect(withNamespace(managedBy("pulumi-kubernetes-6d9c7f7b", metadata))).resolves.toBeDefined();
    await expect(withNamespace(managedBy("", metadata))).resolves.toBeDefined();
  });

  test("created by an earlier release, without an owner: accepted", async () => {
    await expect(withNamespace(managedBy("pulumi-kubernetes"))).resolves.toBeDefined();
    // Restored from a backup, without its managed fields.
    const restored = { [SERVICE]: deployment("churn-model") };
    await expect(withNamespace(managedBy("velero-server"), {}, restored)).resolves.toBeDefined();
  });
});

describe("objects that a destroy kept", () => {
  const CLAIM = `${NAMESPACE}/persistentvolumeclaims/mlflow`;
  const POLICY = "/apis/networking.k8s.io/v1/namespaces/churn-model-staging/networkpolicies/mlflow";
  const left = { [NAMESPACE]: namespace(stackId()), [CLAIM]: { metadata: {} } };
  const begun = (more: Readonly<Record<string, object>>, kubernetes: object = {}, settings: object = {}) =>
    kubernetesTarget(settingsOf({ kubernetes, settings: { ...settings } }), {
      cluster: clusterWith({ ...left, ...more }),
    });
  const [space, claim] = [
    "pulumi config set --path kubernetes.existingNamespace churn-model-staging",
    "pulumi config set --path kubernetes.mlflow.existingClaim mlflow",
  ];

  test.each([
    ["neither key is set", {}, `To reuse it: ${space} && ${claim}. To begin without it: kubectl`],
    ["only the namespace is adopted", { existingNamespace: "churn-model-staging" }, `To reuse it: ${claim}. `],
    ["only the claim is adopted", { mlflow: { existingClaim: "mlflow" } }, `To reuse it: ${space}. `],
  ])("is named with the keys that are missing when %s", async (_, kubernetes, text) => {
    const mlflow = { image: MLFLOW_IMAGE, ...("mlflow" in kubernetes ? kubernetes.mlflow : {}) };
    const refused = begun({}, { ...kubernetes, mlflow });
    await expect(refused).rejects.toBeInstanceOf(RunError);
    await expect(refused).rejects.toThrow(
      "namespace churn-model-staging has the volume claim mlflow with the data of an MLflow server that was destroyed. ",
    );
    await expect(refused).rejects.toThrow(text);
  });

  test("are accepted with both keys", async () => {
    const kubernetes = {
      existingNamespace: "churn-model-staging",
      mlflow: { image: MLFLOW_IMAGE, existingClaim: "mlflow" },
    };
    await expect(begun({}, kubernetes)).resolves.toBeDefined();
  });

  test.each([
    ["an update that was killed has begun", { [POLICY]: { metadata: {} } }],
    ["the server runs", { [MLFLOW]: deployment("churn-model", stackId()) }],
  ])("is not meant when %s", async (_, more) => {
    await expect(begun(more)).resolves.toBeDefined();
  });

  test("do not affect a stack whose server is elsewhere", async () => {
    await expect(begun({}, {}, { mlflow: { trackingUri: "http://mlflow.example" } })).resolves.toBeDefined();
  });
});

test("two models can share a namespace only if their objects' names differ", async () => {
  const shared = "/apis/apps/v1/namespaces/shared/deployments";
  const cluster = clusterWith({ [`${shared}/churn-model-production`]: deployment("churn-model", "p/production") });
  const inShared = (modelName: string) =>
    kubernetesTarget(
      settingsOf({ environment: "production", settings: { modelName }, kubernetes: { namespace: "shared" } }),
      { cluster },
    );
  await expect(inShared("Churn_Model")).rejects.toThrow(
    "Deployment churn-model-production in namespace shared belongs to stack p/production",
  );
  await expect(inShared("cancer")).resolves.toBeDefined();
});

test("a stack's objects are annotated with it; objects of earlier releases stay without the annotation", {
  timeout: 60_000,
}, async () => {
  const { resource } = await mockedKubernetes();
  for (const name of ["namespace", "staging-stable", "mlflow-server"]) {
    expect(resource(name).inputs.metadata).toMatchObject({ annotations: { [OWNER]: "model-promotion/staging" } });
  }
  for (const name of ["staging-stable", "mlflow-server"])
    expect(resource(name).options.ignoreChanges).toContain(`metadata.annotations["${OWNER}"]`);
  expect(resource("namespace").options.ignoreChanges).toContain("metadata.annotations");
});
