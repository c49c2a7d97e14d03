import * as pulumi from "@pulumi/pulumi";
import {
  builtInTrainer,
  dataVersion,
  InferenceService,
  localTarget,
  RegistryStage,
  stackId,
  TrainingPipeline,
} from "model-promotion";

const config = new pulumi.Config();
const modelName = "churn-model";
const target = localTarget({ mlflowPort: config.getNumber("mlflowPort"), pythonVenv: config.get("pythonVenv") });
const mlflow = target.mlflowServer("mlflow");
const registry = { trackingUri: mlflow.trackingUri };

const { gate } = new TrainingPipeline(modelName, {
  registry,
  registryUrl: mlflow.url,
  modelName,
  training: await dataVersion("data/train.csv"),
  evaluation: await dataVersion("data/evaluation.csv"),
  trainer: builtInTrainer({ C: 1 }),
  policy: { accuracy: { min: config.getNumber("minAccuracy") ?? 0.85 }, data: { leakage: { max: 0 } } },
});
const { approvedVersion, modelSha256, runId, reportUri } = gate;

const service = new InferenceService("staging", {
  target,
  registry,
  environment: "staging",
  // Taken from the gate's outputs, so nothing unapproved can be served.
  model: { name: modelName, version: approvedVersion, sha256: modelSha256, runId, gateReport: reportUri },
  port: config.getNumber("port") ?? 8000,
  maxLatencyMs: 100,
});

const stage = new RegistryStage(
  "staging-stage",
  {
    registry,
    modelName,
    version: service.verifiedVersion,
    environment: "staging",
    runId,
    stack: stackId(),
    ownsRegistry: true,
  },
  { dependsOn: service },
);

export const url = service.url;
export const version = stage.version;
