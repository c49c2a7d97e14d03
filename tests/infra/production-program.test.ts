import { expect, test, vi } from "vitest";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { json, serve } from "../helpers/http-server.ts";
import { configOf, FOLDER_URL, named, PAGE_URL, REPORT, runProgram } from "./program.ts";

// The first run loads the SDK. A run that times out would continue with the config of the next one.
vi.setConfig({ testTimeout: 60_000 });

const STACK = "organization/model-promotion/staging";
const SHA = "b".repeat(64);
const REGISTRY = { trackingUri: "http://127.0.0.1:5050" };
/** Outputs that a state of an earlier release does not have. */
const EARLIER = { reportPage: undefined, driftReference: undefined };
const PROMOTED = { promotion: { version: "1" }, mlflow: { stack: STACK } };

test("declares only a guard, a service, its check and the stage", async () => {
  const { declared, outputs } = await runProgram(configOf("production", PROMOTED));
  expect(declared.map(({ type, name }) => `${name}: ${type}`)).toEqual([
    `${STACK}: pulumi:pulumi:StackReference`,
    "production: promotion:inference:InferenceService",
    "production-check: pulumi-nodejs:dynamic/promotion:DeploymentCheck",
    "production-drift: pulumi-nodejs:dynamic/promotion:DriftBins",
    "production-model: pulumi-nodejs:dynamic/promotion:ModelFolder",
    "production-release: pulumi-nodejs:dynamic/promotion:LocalRelease",
    "production-service: pulumi-nodejs:dynamic/promotion:LocalService",
    "production-stage: pulumi-nodejs:dynamic/promotion:RegistryStage",
    "promotion: pulumi-nodejs:dynamic/promotion:Promotion",
  ]);
  expect(declared.filter(({ type }) => /Command|QualityGate/.test(type))).toEqual([]);
  expect(outputs).toEqual({
    modelName: "churn-model",
    trackingUri: REGISTRY.trackingUri,
    url: "http://127.0.0.1:8001",
    version: "1",
    modelSha256: SHA,
    proofs: ["starts: /ready answered 200"],
  });
});

test("without staging's outputs, fails with one sentence before it declares anything that needs the registry", async () => {
  const empty = { "pulumi:pulumi:StackReference": { outputs: {} } };
  await expect(runProgram(configOf("production", PROMOTED), [], empty)).rejects.toThrow(
    /^stack organization\/model-promotion\/staging has no MLflow server yet, which production needs as its registry\. Run `pulumi up -s staging` first$/,
  );
});

test("the page gets the bins of the version's gate, no snapshot of this stack, and the other environment's URL", async () => {
  const service = { port: 8001, otherUrl: "http://127.0.0.1:8000" };
  const { declared } = await runProgram(configOf("production", { ...PROMOTED, service }));
  expect(named(declared, "production-drift").inputs).toEqual({ ofGate: "[bins]", after: SHA });
  expect(named(declared, "production-service").inputs.environment).toMatchObject({
    DRIFT_REFERENCE: "[bins]",
    OTHER_URL: "http://127.0.0.1:8000",
  });
});

test("a version that an earlier release promoted keeps its link, and the bins of the stack's own snapshot", async () => {
  const reference = "training/data/churn/reference.csv";
  const { md5 } = await readDvcPointer(`${reference}.dvc`);
  const data = { training: "t.csv", evaluation: "e.csv", reference };
  const earlier = { "pulumi-nodejs:dynamic/promotion:Promotion": EARLIER };
  const { declared } = await runProgram(configOf("production", { ...PROMOTED, data }), [], earlier);
  // The same as in the state of a container's stack, so nothing changes there.
  expect(named(declared, "production-drift").inputs).toEqual({ path: reference, md5, after: SHA });
  const { environment } = named(declared, "production-service").inputs as { environment: { MODEL_CARD: string } };
  expect(JSON.parse(environment.MODEL_CARD).reportUrl).toBe(FOLDER_URL);
});

test("passes the configured version to the guard, with staging's registry, and serves the approved version", async () => {
  const { declared } = await runProgram(configOf("production", PROMOTED));
  const task = { registry: REGISTRY, modelName: "churn-model", version: "1" };
  expect(named(declared, "promotion").inputs).toEqual({ ...task, needsImage: false });
  expect(named(declared, "production-model").inputs).toEqual({ ...task, sha256: SHA, folder: ".local/models" });
  expect(named(declared, "production-service").inputs).toMatchObject({
    processName: "model-promotion.test.churn-model",
    port: 8001,
    environment: {
      MODEL_VERSION: "1",
      MODEL_SHA256: SHA,
      MODEL_STAGE: "Production",
      MODEL_CARD: JSON.stringify({ summary: "passed, proved", verdict: "passed", reportUrl: PAGE_URL }),
    },
  });
  expect(named(declared, "production-check").inputs).toEqual({
    ...task,
    environment: "production",
    modelSha256: SHA,
    url: "http://127.0.0.1:40000",
    instance: "1@2",
    maxLatencyMs: 100,
    runId: "r",
    callersUrl: "http://127.0.0.1:8001",
    gateReport: REPORT,
  });
  expect(named(declared, "production-stage").inputs).toEqual({
    ...task,
    environment: "production",
    runId: "r",
    why: "passed, proved",
    stack: "model-promotion/test",
    ownsRegistry: false,
  });
});

const OF_FRAUD = {
  "pulumi:pulumi:StackReference": { outputs: { trackingUri: "http://127.0.0.1:5051", modelName: "fraud" } },
};

test("without modelName, takes the model of the registry's stack", async () => {
  const { declared, outputs } = await runProgram(configOf("production", { ...PROMOTED, modelName: "" }), [], OF_FRAUD);
  const registry = { trackingUri: "http://127.0.0.1:5051" };
  expect(named(declared, "promotion").inputs).toEqual({
    registry,
    modelName: "fraud",
    version: "1",
    needsImage: false,
  });
  expect(named(declared, "production-service").inputs).toMatchObject({
    processName: "model-promotion.test.fraud",
    environment: { MODEL_NAME: "fraud" },
  });
  expect(outputs).toMatchObject({ modelName: "fraud", ...registry });
});

test("production's own modelName takes precedence", async () => {
  const { declared } = await runProgram(configOf("production", PROMOTED), [], OF_FRAUD);
  expect(named(declared, "promotion").inputs).toMatchObject({ modelName: "churn-model" });
});

test("rejects a modelName output of staging that is not text", async () => {
  const odd = { "pulumi:pulumi:StackReference": { outputs: { trackingUri: "http://127.0.0.1:5051", modelName: 7 } } };
  await expect(runProgram(configOf("production", { ...PROMOTED, modelName: "" }), [], odd)).rejects.toThrow(
    `output modelName of stack ${STACK} is 7, which is not a model's name. Set this stack's own: pulumi config set modelName <name>`,
  );
});

test("with a staging stack of an earlier release, without output modelName, nothing changes", async () => {
  const before = await runProgram(configOf("production", PROMOTED));
  const now = await runProgram(configOf("production", { ...PROMOTED, modelName: "" }));
  expect(now).toEqual(before);
});

test("with mlflow.trackingUri, reads no other stack, and its model is the sample", async () => {
  const config = configOf("production", { ...PROMOTED, mlflow: { stack: STACK, ...REGISTRY }, modelName: "" });
  const { declared, outputs } = await runProgram(config, [], OF_FRAUD);
  expect(declared.filter(({ type }) => type.endsWith(":StackReference"))).toEqual([]);
  expect(outputs.modelName).toBe("churn-model");
});

test("without promotion.version, keeps the registry's Production version", async () => {
  const held = { name: "churn-model", aliases: [{ alias: "production", version: "7" }] };
  await using server = await serve(({ path }, response) =>
    json(response, path.includes("registered-models/search") ? { registered_models: [held] } : { experiment: {} }),
  );
  const { declared } = await runProgram(configOf("production", { mlflow: { trackingUri: server.url } }));
  expect(named(declared, "promotion").inputs).toMatchObject({ version: "7" });
});

/** The SDK's wire format of a secret. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

test.each(["staging", "production"] as const)(
  "%s marks registry credentials as secret everywhere",
  async (environment) => {
    const signIn = { mlflowUsername: "ann", mlflowPassword: "s3cret-value" };
    const changes = { mlflow: { trackingUri: "http://mlflow.example" }, promotion: { version: 1 }, ...signIn };
    const { declared, outputs } = await runProgram(configOf(environment, changes), Object.keys(signIn));
    const access = { trackingUri: "http://mlflow.example", username: "ann", password: "s3cret-value" };
    const users = declared.filter(({ inputs }) => "registry" in inputs);
    expect(users).toHaveLength(5);
    for (const { inputs } of users) expect(inputs.registry).toEqual({ ...SECRET, value: access });
    const shown = JSON.stringify([declared, outputs], (_key, value) =>
      value !== null && typeof value === "object" && Object.keys(SECRET).every((key) => key in value) ? "***" : value,
    );
    expect(shown).not.toContain("s3cret-value");
  },
);

test("staging with an external registry starts no MLflow server", async () => {
  const { declared } = await runProgram(configOf("staging", { mlflow: { trackingUri: "http://mlflow.example" } }));
  expect(declared).toHaveLength(9);
  expect(declared.filter(({ name }) => name.startsWith("mlflow"))).toEqual([]);
});
