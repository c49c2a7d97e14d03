import * as pulumi from "@pulumi/pulumi";
import { RegistryStage } from "../../registry/registry-stage.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { InferenceService } from "../components/inference-service.ts";
import { sourceHash } from "../components/source-hash.ts";
import { type DataVersion, TrainingPipeline } from "../components/training-pipeline.ts";
import { csvOnly } from "../csv-only.ts";
import { gateSigningKey, registryAccess, serviceApiToken } from "../load-settings.ts";
import type { StagingSettings } from "../settings.ts";
import type { Target } from "../targets/target.ts";

/** Staging: train, judge, serve, prove, mark. Each step takes what the one before it approved. */
export async function staging(settings: StagingSettings, target: Target): Promise<pulumi.Inputs> {
  const { modelName, mlflow, data, training, gate, service } = settings;
  const trackingUri = mlflow.trackingUri ?? target.mlflowServer("mlflow", {});
  const registry = registryAccess(trackingUri);
  const pipeline = new TrainingPipeline(modelName, {
    registry,
    modelName,
    training: await dataVersion(data.training),
    evaluation: await dataVersion(data.evaluation),
    reference: data.reference === undefined ? undefined : await dataVersion(data.reference),
    trainer: {
      ...{ command: training.command, params: training.params, sourceHash: sourceHash(training.sources) },
      ...(training.runner === "job" && target.trainer && { run: target.trainer }),
    },
    policy: gate,
    pull: data.pull,
    signingKey: gateSigningKey(),
  });
  const { approvedVersion, modelSha256, reportUri, accuracy, verdict } = pipeline.gate;
  const inference = new InferenceService("staging", {
    ...{ target, registry, environment: "staging", port: service.port, maxLatencyMs: service.maxLatencyMs },
    model: { name: modelName, version: approvedVersion, sha256: modelSha256 },
    apiToken: serviceApiToken(),
    gatePublicKey: settings.gatePublicKey,
    page: {
      card: pulumi.all([verdict, accuracy]).apply(([verdict, accuracy]) => ({ verdict, metrics: { accuracy } })),
      ...{ driftReference: csvOnly(data.reference), otherUrl: service.otherUrl },
    },
  });
  const { version } = new RegistryStage("staging-stage", {
    ...{ registry, modelName, version: inference.verifiedVersion, environment: "staging" },
  });
  return {
    trackingUri,
    url: inference.url,
    version,
    accuracy,
    modelSha256,
    gateReport: reportUri,
    proofs: inference.proofs,
  };
}

const dataVersion = async (path: string): Promise<DataVersion> => {
  const { md5 } = await readDvcPointer(`${path}.dvc`);
  return { path, md5 };
};
