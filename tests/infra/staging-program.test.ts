import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sourceHash } from "../../infra/components/trainer-source.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { configOf, named, PAGE_URL, REPORT, REPORT_URL, runProgram } from "./program.ts";

const { declared, outputs } = await runProgram(configOf("staging"));
const SHA = "a".repeat(64);
const REGISTRY = { trackingUri: "http://127.0.0.1:5050" };
const TRAIN_MD5 = "823c7d11ba47cc5342be77bd71a0d886";
const EVALUATION_MD5 = "a7f8924f38d79b31d449c07a01060701";
const REQUIREMENTS = "infra/targets/local/requirements.txt";

test("declares exactly these resources", () => {
  expect(declared.map(({ type, name }) => `${name}: ${type}`)).toEqual([
    "churn-model: promotion:training:TrainingPipeline",
    "churn-model-gate: pulumi-nodejs:dynamic/promotion:QualityGate",
    "churn-model-trainer: command:local:Command",
    "mlflow-python: command:local:Command",
    "mlflow-server: pulumi-nodejs:dynamic/promotion:LocalProcess",
    "staging: promotion:inference:InferenceService",
    "staging-check: pulumi-nodejs:dynamic/promotion:DeploymentCheck",
    "staging-model: pulumi-nodejs:dynamic/promotion:ModelFolder",
    "staging-release: pulumi-nodejs:dynamic/promotion:LocalRelease",
    "staging-service: pulumi-nodejs:dynamic/promotion:LocalService",
    "staging-stage: pulumi-nodejs:dynamic/promotion:RegistryStage",
  ]);
});

test("recreates the Python environment when its requirements change", async () => {
  const requirements = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex");
  expect(named(declared, "mlflow-python").inputs).toEqual({
    create: `node infra/targets/local/python-venv-cli.ts .venv ${REQUIREMENTS}`,
    triggers: [requirements],
  });
});

test("serves MLflow only on this machine, without telemetry", () => {
  const { command, ...inputs } = named(declared, "mlflow-server").inputs;
  expect((command as string[]).join(" ")).toBe(
    ".venv/bin/python -m mlflow server --host 127.0.0.1 --port 5050 --workers 1 --backend-store-uri " +
      "sqlite:///.local/mlflow.db --serve-artifacts --artifacts-destination .local/artifacts",
  );
  expect(inputs).toMatchObject({
    processName: "model-promotion.test.mlflow",
    folder: ".local/processes",
    stack: "model-promotion/test",
    port: 5050,
    url: REGISTRY.trackingUri,
    healthPath: "/health",
    environment: { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" },
  });
});

test("trains by the trainer contract, again after a change of data, parameters, code or registry", () => {
  expect(named(declared, "churn-model-trainer").inputs).toEqual({
    create: "node training/train.ts",
    environment: {
      MLFLOW_TRACKING_URI: REGISTRY.trackingUri,
      MLFLOW_EXPERIMENT_NAME: "churn-model",
      MLFLOW_TRACKING_USERNAME: "",
      MLFLOW_TRACKING_PASSWORD: "",
      MLFLOW_TRACKING_TOKEN: "",
      MODEL_NAME: "churn-model",
      TRAINING_PARAMS: "{}",
      // A trainer must not get the stack's passphrase.
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_CONFIG_PASSPHRASE_FILE: "",
      PULUMI_ACCESS_TOKEN: "",
      TRAINING_DATA: "training/data/churn/train.csv",
      EVALUATION_DATA: "training/data/churn/evaluation.csv",
    },
    triggers: [TRAIN_MD5, "{}", "node training/train.ts", sourceHash(["training"]), REGISTRY.trackingUri],
  });
});

test("judges the version that the trainer printed", () => {
  expect(named(declared, "churn-model-gate").inputs).toEqual({
    registry: REGISTRY,
    modelName: "churn-model",
    version: "3",
    policy: { accuracy: { min: 0.85 } },
    runId: "r",
    evaluationData: "training/data/churn/evaluation.csv",
    evaluationMd5: EVALUATION_MD5,
    trainingData: "training/data/churn/train.csv",
    trainingMd5: "823c7d11ba47cc5342be77bd71a0d886",
    stack: "model-promotion/test",
  });
});

test("passes the data format to trainer, gate and drift", async () => {
  const dataFormat = { label: "label", classes: ["no", "yes"], positive: "yes", csv: { comment: "#" } };
  const data = { training: "training/data/churn/train.csv", evaluation: "training/data/churn/evaluation.csv" };
  const reference = "training/data/churn/reference.csv";
  const run = await runProgram(configOf("staging", { data: { ...data, reference, ...dataFormat } }));
  const { environment, triggers } = named(run.declared, "churn-model-trainer").inputs;
  expect(environment).toMatchObject({ DATA_FORMAT: JSON.stringify(dataFormat) });
  expect(triggers).toEqual([
    TRAIN_MD5,
    "{}",
    "node training/train.ts",
    sourceHash(["training"]),
    REGISTRY.trackingUri,
    JSON.stringify(dataFormat),
  ]);
  expect(named(run.declared, "churn-model-gate").inputs).toMatchObject({ dataFormat });
  expect(named(run.declared, "staging-drift").inputs).toMatchObject({ path: reference, format: dataFormat });
});

test("serves the files that the gate approved", () => {
  expect(named(declared, "staging-model").inputs).toEqual({
    registry: REGISTRY,
    modelName: "churn-model",
    version: "3",
    sha256: SHA,
    folder: ".local/models",
  });
  const { environment, ...inputs } = named(declared, "staging-service").inputs;
  expect(inputs).toEqual({
    processName: "model-promotion.test.churn-model",
    folder: ".local/processes",
    stack: "model-promotion/test",
    command: ["node", "--max-semi-space-size=4", "service/main.ts"],
    port: 8000,
    healthPath: "/ready",
    startSeconds: 30,
  });
  expect(environment).toMatchObject({
    MODEL_URI: ".local/models/digest",
    MODEL_NAME: "churn-model",
    MODEL_VERSION: "3",
    MODEL_SHA256: SHA,
    MODEL_STAGE: "Staging",
    MODEL_CARD: JSON.stringify({ verdict: "passed", metrics: { accuracy: 0.8975 }, reportUrl: PAGE_URL }),
  });
});

test("probes the service, and marks the verified version last", () => {
  expect(named(declared, "staging-check").inputs).toEqual({
    registry: REGISTRY,
    environment: "staging",
    modelName: "churn-model",
    version: "3",
    modelSha256: SHA,
    url: "http://127.0.0.1:40000",
    instance: "1@2",
    maxLatencyMs: 100,
    runId: "r",
    callersUrl: "http://127.0.0.1:8000",
    gateReport: REPORT,
  });
  expect(named(declared, "staging-release").inputs).toEqual({
    processName: "model-promotion.test.churn-model",
    folder: ".local/processes",
    instance: "1@2",
    version: "3",
    sha256: SHA,
    port: 8000,
    url: "http://127.0.0.1:8000",
    autoRollback: true,
    registry: REGISTRY,
    environment: "staging",
    modelName: "churn-model",
  });
  expect(named(declared, "staging-stage").inputs).toEqual({
    registry: REGISTRY,
    modelName: "churn-model",
    version: "3",
    environment: "staging",
    runId: "r",
    stack: "model-promotion/test",
    ownsRegistry: true,
  });
});

test("exports the outputs for production and for people", () => {
  expect(outputs).toEqual({
    trackingUri: REGISTRY.trackingUri,
    modelName: "churn-model",
    url: "http://127.0.0.1:8000",
    version: "3",
    accuracy: 0.8975,
    modelSha256: SHA,
    gateReport: REPORT_URL,
    gateReportUri: REPORT,
    proofs: ["starts: /ready answered 200"],
  });
});

test("shows a regressor's error, and has no output accuracy, about which Pulumi would warn", async () => {
  const metrics = { root_mean_squared_error: 54.03, r2: 0.496 };
  const gate = { "pulumi-nodejs:dynamic/promotion:QualityGate": { accuracy: undefined, metrics } };
  const run = await runProgram(configOf("staging"), [], gate);
  expect(run.outputs).toMatchObject({ metrics });
  expect(run.outputs).not.toHaveProperty("accuracy");
  const { MODEL_CARD } = named(run.declared, "staging-service").inputs.environment as { MODEL_CARD: string };
  expect(JSON.parse(MODEL_CARD)).toMatchObject({ metrics });
});

test("metrics in the policy are outputs, and another policy does not restart the service", async () => {
  const metrics = { accuracy: 0.8975, f1: 0.8, "precision_at_recall_0.9": 0.7 };
  const gate = { "pulumi-nodejs:dynamic/promotion:QualityGate": { metrics } };
  const run = await runProgram(configOf("staging"), [], gate);
  expect(run.outputs).toMatchObject({ metrics, accuracy: 0.8975 });
  const { MODEL_CARD } = named(run.declared, "staging-service").inputs.environment as { MODEL_CARD: string };
  expect(JSON.parse(MODEL_CARD)).toMatchObject({ metrics: { accuracy: 0.8975 } });
  expect(MODEL_CARD).not.toContain("f1");
});

test("the page gets the gate's bins with the model's types, or the snapshot's own for an earlier release", async () => {
  const reference = "training/data/churn/reference.csv";
  const { md5 } = await readDvcPointer(`${reference}.dvc`);
  const data = {
    training: "training/data/churn/train.csv",
    evaluation: "training/data/churn/evaluation.csv",
    reference,
  };
  const config = configOf("staging", { data });
  const gate = { "pulumi-nodejs:dynamic/promotion:QualityGate": { driftReference: "[bins]" } };
  const run = await runProgram(config, [], gate);
  expect(named(run.declared, "staging-drift").inputs).toEqual({ ofGate: "[bins]", after: SHA });
  const earlier = await runProgram(config);
  expect(named(earlier.declared, "staging-drift").inputs).toEqual({ path: reference, md5, after: SHA });
});
