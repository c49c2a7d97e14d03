import { expect, test } from "vitest";
import { mockedProduction, mockedStaging } from "./docker/docker-program.ts";
import type { Mocked } from "./helpers/mocked-program.ts";
import { mockedKubernetes } from "./kubernetes/kubernetes-program.ts";

// A destroy goes the other way round: the registry's stage is given back first, or the destroy stops there and everything goes on serving.

const SERVING = /^(docker|kubernetes):|:(LocalProcess|LocalService|LocalRelease|GatewayRoute)$/;
/** Closes the namespace for pods that no other policy selects. Without it none of them is lost. */
const NO_PART = ["default-deny"];

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

test("target kubernetes: who needs MLflow waits for its Service, and a destroy takes the Service away after them", async () => {
  const { before } = await mockedKubernetes();
  for (const name of ["churn-model-trainer", "churn-model-gate", "staging-check", "staging-stage"])
    for (const object of ["mlflow-server", "mlflow-service", "mlflow-network"])
      expect(before(name), name).toContain(object);
});
