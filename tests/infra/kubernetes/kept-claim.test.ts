import { beforeAll, expect, test } from "vitest";
import { ClusterError } from "../../../infra/targets/kubernetes/cluster-api.ts";
import { provider, whereTheDataIs } from "../../../infra/targets/kubernetes/kept-claim-provider.ts";
import { clusterWith, mockedKubernetes, settingsOf } from "./kubernetes-program.ts";
import { MLFLOW_IMAGE } from "./render.ts";

// The first run loads the program and the SDK.
beforeAll(() => mockedKubernetes(), 60_000);

const EXTERNAL = { mlflow: { trackingUri: "http://mlflow.example" } };
const CLAIM = "/api/v1/namespaces/churn-model-staging/persistentvolumeclaims/mlflow";

test("a destroy keeps the claim and its namespace, and no change replaces either", async () => {
  const { resource } = await mockedKubernetes();
  const { retainOnDelete, protect, ignoreChanges = [] } = resource("mlflow-data").options;
  // With `protect`, a destroy would fail.
  expect({ retainOnDelete, protect }).toEqual({ retainOnDelete: true, protect: undefined });
  for (const field of [
    "metadata.annotations",
    "metadata.name",
    "metadata.namespace",
    "spec.volumeName",
    "spec.volumeMode",
    "spec.storageClassName",
    "spec.accessModes",
    "spec.selector",
    "spec.dataSource",
    "spec.dataSourceRef",
  ])
    expect(ignoreChanges).toContain(field);
  // A claim may grow.
  expect(ignoreChanges).not.toContain("spec.resources");
  expect(resource("namespace").options).toMatchObject({
    retainOnDelete: true,
    ignoreChanges: expect.arrayContaining(["metadata.name"]),
  });
});

test.each([
  ["production", { environment: "production" as const }],
  ["staging with a registry elsewhere", { settings: EXTERNAL }],
])("%s has no data, and its namespace goes with it", async (_which, options) => {
  const { retainOnDelete, ignoreChanges } = (await mockedKubernetes(options)).resource("namespace").options;
  expect(retainOnDelete).toBe(false);
  expect(ignoreChanges).not.toContain("metadata.name");
});

test("keeps a namespace that still has a claim, even if the registry is now elsewhere", async () => {
  const cluster = clusterWith({ [CLAIM]: { metadata: { name: "mlflow" } } });
  const { resource, resources } = await mockedKubernetes({ settings: EXTERNAL, cluster });
  expect(resource("namespace").options.retainOnDelete).toBe(true);
  expect(resources.map(({ name }) => name)).not.toContain("mlflow-data");
});

test("keeps the namespace if the cluster cannot be queried", async () => {
  const cluster = { get: () => Promise.reject(new ClusterError("no route to host")), put: async () => {} };
  const { resource } = await mockedKubernetes({ settings: EXTERNAL, cluster });
  expect(resource("namespace").options.retainOnDelete).toBe(true);
});

test("uses an existing namespace and claim as they are", async () => {
  const kubernetes = {
    existingNamespace: "churn-model-staging",
    mlflow: { image: MLFLOW_IMAGE, existingClaim: "mlflow" },
  };
  const { resources, resource } = await mockedKubernetes({ kubernetes });
  const names = resources.map(({ name }) => name);
  for (const absent of ["namespace", "mlflow-data", "mlflow-data-kept"]) expect(names).not.toContain(absent);
  // It is still the stack's own, so everything else is denied.
  expect(names).toContain("default-deny");
  const { spec } = resource("mlflow-server").inputs as never as { spec: { template: { spec: { volumes: object[] } } } };
  expect(spec.template.spec.volumes).toContainEqual({ name: "data", persistentVolumeClaim: { claimName: "mlflow" } });
  expect(resource("mlflow-server").inputs.metadata).toMatchObject({ namespace: "churn-model-staging" });
});

test("a namespace cannot be both the stack's own and shared", () => {
  expect(() => settingsOf({ kubernetes: { namespace: "shared", existingNamespace: "own" } })).toThrow(
    "kubernetes.existingNamespace cannot be set together with kubernetes.namespace, which may be shared",
  );
});

const INPUTS = { namespace: "churn-model-staging", claim: "mlflow", wanted: "churn-model-staging", ownNamespace: true };

test("rejects another namespace, also in a preview, before pods look for the data there", async () => {
  expect(await provider.check({}, INPUTS)).toEqual({ inputs: INPUTS });
  const unknown = { ...INPUTS, namespace: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
  expect(await provider.check({}, unknown)).toEqual({ inputs: unknown });
  const { failures } = await provider.check({}, { ...INPUTS, wanted: "other-staging" });
  expect(failures).toEqual([
    {
      property: "namespace",
      reason:
        "MLflow's data is in namespace churn-model-staging, but this stack's config says other-staging. " +
        "Keep that namespace: pulumi config set --path kubernetes.existingNamespace churn-model-staging. " +
        "To start with another registry, destroy the stack first",
    },
  ]);
});

test("a destroy says where the data is, and how to adopt or delete it", () => {
  expect(whereTheDataIs(INPUTS)).toBe(
    "MLflow's data is kept in the volume claim mlflow of namespace churn-model-staging. " +
      "To reuse it, run this before the stack's next update: " +
      "pulumi config set --path kubernetes.existingNamespace churn-model-staging && " +
      "pulumi config set --path kubernetes.mlflow.existingClaim mlflow. " +
      "To remove it: kubectl delete namespace churn-model-staging",
  );
  const shared = whereTheDataIs({ ...INPUTS, namespace: "shared", ownNamespace: false });
  expect(shared).not.toContain("existingNamespace");
  expect(shared).toContain("kubectl delete persistentvolumeclaim mlflow --namespace shared");
});
