import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { type DockerTargetArgs, dockerTarget } from "../../../infra/library/docker.ts";
import { type KubernetesTargetArgs, kubernetesTarget } from "../../../infra/library/kubernetes.ts";
import { markSecrets } from "../../../infra/library/target-arguments.ts";

test("dockerTarget names every wrong argument, its value and the nearest key", async () => {
  const args = {
    environment: "test",
    port: 0,
    docker: { memoryMB: 512, cpus: -1 },
    image: { repository: "Acme/churn" },
  } as unknown as DockerTargetArgs;
  const failed = await dockerTarget(args).catch((error: Error) => error);
  expect(failed).toBeInstanceOf(pulumi.RunError);
  expect((failed as Error).message.split("\n")).toEqual([
    'dockerTarget: environment must be staging or production, got "test"',
    "dockerTarget: port must be between 1 and 65535, got 0",
    'dockerTarget: image.repository must be a path in the registry, such as acme/churn-model, got "Acme/churn"',
    "dockerTarget: docker.cpus must be more than 0, got -1",
    "dockerTarget: docker.memoryMB is not a setting. The nearest is docker.memoryMb",
  ]);
});

test("dockerTarget rejects a database that MLflow's official image has no driver for", async () => {
  const mlflow = { backendStoreUri: "postgresql://db.example/mlflow" };
  await expect(dockerTarget({ environment: "staging", port: 8000, mlflow })).rejects.toThrow(
    "dockerTarget: mlflow.image must be build or your own image: MLflow's official image has no driver for mlflow.backendStoreUri",
  );
});

test("kubernetesTarget names every wrong argument", async () => {
  const args = {
    environment: "staging",
    modelName: "a b",
    kubernetes: { contxt: "staging", service: { minReplicas: 3, maxReplicas: 2 } },
    canary: { percent: 80 },
  } as KubernetesTargetArgs;
  await expect(kubernetesTarget(args)).rejects.toThrow(
    [
      'kubernetesTarget: modelName must be letters, digits, dots, dashes and underscores, got "a b"',
      "kubernetesTarget: kubernetes.service.maxReplicas must not be less than minReplicas, got 2",
      "kubernetesTarget: kubernetes.contxt is not a setting. The nearest is kubernetes.context",
      "kubernetesTarget: canary.percent must be at most 50, got 80",
    ].join("\n"),
  );
});

test("credentials are secrets, even if the program reads them from its environment", async () => {
  const { imageRegistry, mlflowAws } = markSecrets("dockerTarget", {
    imageRegistry: { username: "u", password: "p" },
    mlflowAws: { accessKeyId: "id", secretAccessKey: "key" },
  });
  for (const value of [
    imageRegistry?.username,
    imageRegistry?.password,
    mlflowAws?.accessKeyId,
    mlflowAws?.secretAccessKey,
  ])
    expect(await pulumi.isSecret(pulumi.output(value))).toBe(true);
  expect(markSecrets("dockerTarget", {})).toEqual({});
});

test.each([
  [{ imageRegistry: { username: "u", password: undefined } }, "imageRegistry.password"],
  [{ imageRegistry: { user: "hunter2", password: "hunter2" } }, "imageRegistry.username"],
  [{ imageRegistry: "u:hunter2" }, "imageRegistry.username"],
  [{ mlflowAws: { accessKeyId: "hunter2", secretAccessKey: "" } }, "mlflowAws.secretAccessKey"],
])("half of a pair of credentials is rejected without its value (%#)", async (secrets, key) => {
  const args = { environment: "staging", port: 8000, ...secrets } as unknown as DockerTargetArgs;
  const failed = await dockerTarget(args).catch((error: Error) => error);
  expect(failed).toBeInstanceOf(pulumi.RunError);
  expect((failed as Error).message).toContain(`dockerTarget: ${key} must be a string or an Output`);
  expect((failed as Error).message).not.toContain("hunter2");
});

test.each<[string, unknown, string]>([
  ["a function", () => 8000, "port must be a whole number, got a function"],
  ["a bigint", 8000n, "port must be a whole number, got a bigint"],
  ["an Output", pulumi.output(8000), "port must be a plain value, not an Output"],
])("an argument that is %s fails with its name", async (_, port, message) => {
  const args = { environment: "staging", port } as unknown as DockerTargetArgs;
  await expect(dockerTarget(args)).rejects.toThrow(`dockerTarget: ${message}`);
});

test("a call without arguments names what is missing", async () => {
  const missing = "environment is missing: must be staging or production";
  await expect(dockerTarget(undefined as unknown as DockerTargetArgs)).rejects.toThrow(`dockerTarget: ${missing}`);
  await expect(kubernetesTarget(undefined as unknown as KubernetesTargetArgs)).rejects.toThrow(
    `kubernetesTarget: ${missing}`,
  );
});

test.each([
  { backendStoreUri: ["postgresql://u:hunter2@h/d", "postgresql://u:hunter2@h/d"] },
  { backendStoreUri: { url: "h", password: "hunter2" } },
  { backendStoreUri: pulumi.secret("hunter2") },
  { trackingUri: "http://u:a/hunter2@h" },
  { trackingUri: "u:hunter2@h" },
  { trackingUri: "http://h/?password=hunter2" },
])("no error about mlflow contains a password (%#)", async (mlflow) => {
  const args = { environment: "staging", port: 8000, mlflow } as unknown as DockerTargetArgs;
  const failed = await dockerTarget(args).catch((error: Error) => error);
  expect((failed as Error).message).toMatch(/^dockerTarget: mlflow\.\w+ must be /);
  expect((failed as Error).message).not.toContain("hunter2");
});
