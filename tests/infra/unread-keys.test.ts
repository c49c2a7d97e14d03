import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { unreadKeys } from "../../infra/unread-keys.ts";

const PRODUCTION = { environment: "production", target: "docker" } as const;
const STAGING = { environment: "staging", target: "docker" } as const;
const keysOf = (warnings: readonly string[]) => warnings.map((warning) => warning.split(" ")[0]);

test("names a staging key on production, with the reason and how to remove it", () => {
  expect(unreadKeys({ gate: { accuracy: { min: 0.9 } } }, PRODUCTION, "live")).toEqual([
    "gate is set, but stack live does not read it\n" +
      "production does not judge models: the policy belongs to staging. Remove it with: pulumi config rm --path gate --stack live",
  ]);
});

test("names exactly the keys that production does not use", () => {
  const raw = {
    environment: "production",
    modelName: "m",
    gate: { data: {} },
    training: { params: { C: 1 } },
    data: { training: "t.csv", evaluation: "e.csv", reference: "r.csv", pull: "dvc pull" },
    mlflow: { trackingUri: "http://m", stack: "s", port: 5050 },
    promotion: { version: 1, override: {}, autoRollback: true },
    gateSigningKey: "k",
    gatePublicKey: "p",
    serviceApiToken: "t",
    image: { registry: "r" },
    docker: { pids: 5 },
  };
  expect(keysOf(unreadKeys(raw, PRODUCTION, "s"))).toEqual([
    "gate",
    "training",
    "data.pull",
    "gateSigningKey",
    "mlflow.port",
  ]);
});

test("staging does not use a version to promote, an override or another stack", () => {
  const raw = {
    promotion: { version: 1, override: { version: 1 }, autoRollback: false },
    mlflow: { stack: "s" },
    gate: { x: 1 },
  };
  expect(keysOf(unreadKeys(raw, STAGING, "s"))).toEqual(["promotion.version", "promotion.override", "mlflow.stack"]);
});

test("names keys of a container's MLflow server on target local", () => {
  const raw = { mlflow: { port: 5051, address: "0.0.0.0", image: "build", volume: "v", allowedHosts: ["m"] } };
  const local = { ...STAGING, target: "local" } as const;
  const unread = ["mlflow.volume", "mlflow.address", "mlflow.image", "mlflow.allowedHosts"];
  expect(keysOf(unreadKeys(raw, local, "s"))).toEqual(unread);
  expect(unreadKeys({ mlflow: { image: "build" } }, local, "s")).toEqual([
    "mlflow.image is set, but stack s does not read it\n" +
      "the MLflow server of target local has no such setting. Remove it with: pulumi config rm --path mlflow.image --stack s",
  ]);
  expect(keysOf(unreadKeys(raw, { ...STAGING, target: "kubernetes" }, "s"))).toEqual([
    "mlflow.volume",
    "mlflow.address",
  ]);
  expect(unreadKeys(raw, STAGING, "s")).toEqual([]);
});

test("names keys of the stack's own MLflow server beside mlflow.trackingUri", () => {
  const raw = { mlflow: { trackingUri: "http://m", port: 5051, image: "build" } };
  expect(keysOf(unreadKeys(raw, STAGING, "s"))).toEqual(["mlflow.port", "mlflow.image"]);
  expect(unreadKeys({ mlflow: { trackingUri: "http://m", port: 5051 } }, STAGING, "s")).toEqual([
    "mlflow.port is set, but stack s does not read it\n" +
      "it uses the MLflow server at mlflow.trackingUri and runs none. Remove it with: pulumi config rm --path mlflow.port --stack s",
  ]);
});

test("names sections of other targets as a whole", () => {
  const raw = {
    kubernetes: { training: { image: "i" } },
    canary: { percent: 5 },
    local: { dataFolder: "d" },
    docker: { pids: 1 },
    image: { base: "b" },
  };
  expect(keysOf(unreadKeys(raw, PRODUCTION, "s"))).toEqual(["local", "kubernetes", "canary"]);
  expect(keysOf(unreadKeys(raw, { ...STAGING, target: "local" }, "s"))).toEqual([
    "docker",
    "image",
    "kubernetes",
    "canary",
  ]);
  expect(keysOf(unreadKeys(raw, { ...STAGING, target: "kubernetes" }, "s"))).toEqual([]);
  expect(keysOf(unreadKeys(raw, { ...PRODUCTION, target: "kubernetes" }, "s"))).toEqual(["kubernetes.training"]);
});

test("does not report the defaults of Pulumi.yaml or the committed stacks", () => {
  const { config } = parse(readFileSync("Pulumi.yaml", "utf8")) as { config: Record<string, { default?: unknown }> };
  const defaults = Object.fromEntries(Object.entries(config).map(([key, declared]) => [key, declared.default]));
  for (const file of [
    "Pulumi.staging.yaml",
    "Pulumi.production.yaml",
    "quickstart/Pulumi.staging.yaml",
    "quickstart/Pulumi.production.yaml",
  ]) {
    const set = Object.entries((parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> }).config);
    const raw = {
      ...defaults,
      ...Object.fromEntries(set.map(([key, value]) => [key.replace("model-promotion:", ""), value])),
    };
    expect(unreadKeys(raw, raw as never, file)).toEqual([]);
  }
});
