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

/** Registry whose password each pod pulls with; undefined without a secret. */
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

test("every image in the registry of the credentials is pulled with them", async () => {
  expect(registries(await render({ ...JOB, ...CREDENTIALS, kubernetes: IMAGES }))).toEqual({
    "Deployment churn-model-staging": "registry.example",
    "Deployment mlflow": "registry.example",
    "Job churn-model-training": "registry.example",
  });
});

test("no other registry is sent a password", async () => {
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

test("without credentials there is no secret", async () => {
  expect(registries(await render({ ...JOB, kubernetes: IMAGES }))).toEqual({
    "Deployment churn-model-staging": undefined,
    "Deployment mlflow": undefined,
    "Job churn-model-training": undefined,
  });
});

test("a Job that has run is not run again for another secret", async () => {
  const { resource } = await mockedKubernetes({ settings: JOB, kubernetes: { training: { image: TRAINER_IMAGE } } });
  expect(resource("churn-model-trainer-job").options.ignoreChanges).toContain("spec.template.spec.imagePullSecrets");
});
