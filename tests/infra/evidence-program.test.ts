import { generateKeyPairSync } from "node:crypto";
import { expect, test, vi } from "vitest";
import { mockedStaging } from "./docker/docker-program.ts";
import { configOf, named, runProgram } from "./program.ts";

// The first run loads the SDK. A run that times out would continue with the config of the next one.
vi.setConfig({ testTimeout: 60_000 });

const keys = generateKeyPairSync("ed25519");
const gateSigningKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const gatePublicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
/** The SDK's wire format of a secret. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const DATA = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };

test("fetches the data before training, and again whenever trainer or gate run again", async () => {
  const { declared } = await runProgram(configOf("staging", { data: { ...DATA, pull: "dvc pull" } }));
  const { create, triggers } = named(declared, "churn-model-data").inputs;
  expect(create).toBe("dvc pull");
  const trainer = named(declared, "churn-model-trainer").inputs;
  expect(triggers).toEqual(expect.arrayContaining(trainer.triggers as string[]));
  expect(triggers).toEqual(expect.arrayContaining(['{"accuracy":{"min":0.85}}', "a7f8924f38d79b31d449c07a01060701"]));
  const { before } = await mockedStaging({ settings: { data: { ...DATA, pull: "dvc pull" } } });
  for (const reader of ["churn-model-trainer", "churn-model-gate"])
    expect(before(reader)).toContain("churn-model-data");
});

test("signs with the stack's secret; its services verify with the public key", async () => {
  const config = configOf("staging", { gateSigningKey, gatePublicKey });
  const { declared } = await runProgram(config, ["gateSigningKey"]);
  expect(named(declared, "churn-model-gate").inputs.signingKey).toEqual({ ...SECRET, value: gateSigningKey });
  expect(named(declared, "staging-service").inputs.environment).toMatchObject({ GATE_PUBLIC_KEY: gatePublicKey });
  expect(named(declared, "staging-check").inputs.signingKey).toEqual({ ...SECRET, value: gateSigningKey });
  const elsewhere = declared.filter(({ name }) => name !== "churn-model-gate" && name !== "staging-check");
  expect(JSON.stringify(elsewhere)).not.toContain("PRIVATE KEY");
});

test("passes the public key and the override to production's guard", async () => {
  const override = { version: 1, reason: "outage", who: "ada", expires: new Date(Date.now() + 3.6e6).toISOString() };
  const changes = { mlflow: { trackingUri: "http://mlflow.example" }, gatePublicKey };
  const { declared } = await runProgram(configOf("production", { ...changes, promotion: { version: 1, override } }));
  const { inputs } = named(declared, "promotion");
  expect(inputs).toMatchObject({ gatePublicKey, override: { ...override, version: "1" } });
  expect(named(declared, "production-model").inputs).toMatchObject({ gatePublicKey });
  expect(named(declared, "production-service").inputs.environment).toMatchObject({ GATE_PUBLIC_KEY: gatePublicKey });
});

test.each([
  ["a private key", gateSigningKey],
  ["no key", "ssh-ed25519 AAAA"],
])("refuses %s as gatePublicKey, and does not show a private one", async (_name, key) => {
  const failure = await runProgram(configOf("staging", { gatePublicKey: key })).then(
    () => "",
    (error: Error) => error.message,
  );
  expect(failure).toContain(
    "gatePublicKey is refused: it is not a public key in PEM. Create a key pair with: openssl genpkey",
  );
  expect(failure).not.toContain(gateSigningKey.split("\n")[1]);
});
