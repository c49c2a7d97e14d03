import { expect, test } from "vitest";
import { mockedProduction, mockedStaging } from "./docker/docker-program.ts";
import type { Mocked } from "./helpers/mocked-program.ts";
import { mockedKubernetes } from "./kubernetes/kubernetes-program.ts";
import { TRAINER_IMAGE } from "./kubernetes/render.ts";

// A destroy runs in reverse: it releases the registry's stage first. If that fails, the destroy stops there and everything keeps serving.

const SERVING = /^(docker|kubernetes):|:(LocalProcess|LocalService|LocalRelease|GatewayRoute)$/;
/** Isolates pods that no other policy selects. Deleting it affects none of them. */
const NO_PART = ["default-deny"];

const SECRETS = {
  serviceApiToken: "token-of-these-tests",
  imageRegistryUsername: "robot",
  imageRegistryPassword: "word-of-a-test",
  mlflowAwsAccessKeyId: "id",
  mlflowAwsSecretAccessKey: "key",
};
const CANARY = { settings: { canary: { percent: 10 } } };
const FORWARDED = { kubernetes: { access: "port-forward", serviceMonitor: {} } };
const INGRESS = { kubernetes: { exposure: { kind: "ingress", host: "churn.example.com" } } };

test.each([
  ["docker", "staging", () => mockedStaging()],
  ["docker", "production", () => mockedProduction()],
  ["kubernetes", "staging", () => mockedKubernetes()],
  ["kubernetes", "production", () => mockedKubernetes({ environment: "production" })],
  ["kubernetes with a canary", "staging", () => mockedKubernetes(CANARY)],
  ["kubernetes through kubectl", "staging", () => mockedKubernetes(FORWARDED)],
  ["kubernetes with an Ingress", "staging", () => mockedKubernetes(INGRESS)],
] as const)(
  "target %s, %s: the stage goes before all that serves",
  { timeout: 60_000 },
  async (_target, stack, run) => {
    const mocked: Mocked = await run();
    const before = mocked.before(`${stack}-stage`);
    const serving = mocked.resources.filter(({ type, name }) => SERVING.test(type) && !NO_PART.includes(name));
    expect(serving.length).toBeGreaterThan(5);
    expect(serving.map(({ name }) => name).filter((name) => !before.has(name))).toEqual([]);
  },
);

test("target kubernetes: resources that need MLflow depend on its Service, so a destroy deletes the Service after them", async () => {
  const { before } = await mockedKubernetes();
  for (const name of ["churn-model-trainer", "churn-model-gate", "staging-check", "staging-stage"])
    for (const object of ["mlflow-server", "mlflow-service", "mlflow-network"])
      expect(before(name), name).toContain(object);
});

test("target kubernetes: pods depend on the objects that they reference by name, but are not deleted if one is replaced manually", async () => {
  const settings = { training: { runner: "job" }, service: { port: 8000 } };
  const kubernetes = { training: { image: TRAINER_IMAGE } };
  for (const { resources, before, readsOutputsOf } of [
    await mockedKubernetes({ settings, kubernetes, config: SECRETS }),
    await mockedKubernetes({ environment: "production", config: SECRETS }),
  ]) {
    const isReplaced = (name: string) =>
      resources.some((one) => one.name === name && /:(ConfigMap|Secret)$/.test(one.type));
    const pods = resources.filter(({ type }) => /:(Deployment|Job)$/.test(type));
    expect(pods.length).toBeGreaterThan(0);
    for (const { name } of pods) {
      expect([...before(name)].filter(isReplaced).length, name).toBeGreaterThan(0);
      expect([...readsOutputsOf(name)].filter(isReplaced), name).toEqual([]);
    }
  }
});
