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
  const { imageRegistry, mlflowAws } = markSecrets({
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
  expect(markSecrets({})).toEqual({});
});
