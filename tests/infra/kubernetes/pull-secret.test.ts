import { beforeAll, expect, test } from "vitest";
import type { Manifest } from "../../../infra/render/render-stack.ts";
import { podSpecOf } from "../../kubernetes/pod-security.ts";
import { mockedKubernetes } from "./kubernetes-program.ts";
import { ASSUMED, MLFLOW_IMAGE, only, render, TRAINER_IMAGE } from "./render.ts";

const CREDENTIALS = { secrets: { imageRegistryUsername: "robot", imageRegistryPassword: "word-of-a-test" } };
const IMAGES = { image: ASSUMED.image, mlflow: { image: MLFLOW_IMAGE }, training: { image: TRAINER_IMAGE } };
const JOB = { training: { runner: "job" } };
const elsewhere = (image: string) => image.replace("registry.example", "other.example");

// The first run loads the program and the SDK.
beforeAll(async () => {
  await render();
  await mockedKubernetes();
}, 60_000);

/** Returns the registry that each pod has a pull secret for; undefined without one. */
function registries(manifests: readonly Manifest[]): Record<string, string | undefined> {
  const registry = (name: string) => {
    const { stringData } = only(manifests, "Secret", name) as never as { stringData: Record<string, string> };
    return Object.keys(JSON.parse(stringData[".dockerconfigjson"] ?? "").auths)[0];
  };
  return Object.fromEntries(
    manifests.flatMap((one) => {
      const spec = podSpecOf(one) as { imagePullSecrets?: { name: string }[] } | undefined;
      const [secret] = spec?.imagePullSecrets ?? [];
      return spec
        ? [[`${one.kind} ${one.metadata.name.replace(/-[0-9a-f]{10}$/, "")}`, secret && registry(secret.name)]]
        : [];
    }),
  );
}

test("pulls every image in the credentials' registry with them", async () => {
  expect(registries(await render({ ...JOB, ...CREDENTIALS, kubernetes: IMAGES }))).toEqual({
    "Deployment churn-model-staging": "registry.example",
    "Deployment mlflow": "registry.example",
    "Job churn-model-training": "registry.example",
  });
});

test("sends no password to another registry", async () => {
  const kubernetes = {
    ...IMAGES,
    mlflow: { image: elsewhere(MLFLOW_IMAGE) },
    training: { image: elsewhere(TRAINER_IMAGE) },
  };
  expect(registries(await render({ ...JOB, ...CREDENTIALS, kubernetes }))).toEqual({
    "Deployment churn-model-staging": "registry.example",
    "Deployment mlflow": undefined,
    "Job churn-model-training": undefined,
  });
});

test("creates no secret without credentials", async () => {
  expect(registries(await render({ ...JOB, kubernetes: IMAGES }))).toEqual({
    "Deployment churn-model-staging": undefined,
    "Deployment mlflow": undefined,
    "Job churn-model-training": undefined,
  });
});

test("a changed secret does not rerun a finished Job", async () => {
  const { resource } = await mockedKubernetes({ settings: JOB, kubernetes: { training: { image: TRAINER_IMAGE } } });
  expect(resource("churn-model-trainer-job").options.ignoreChanges).toContain("spec.template.spec.imagePullSecrets");
});
