import * as pulumi from "@pulumi/pulumi";
import { reportFolderUrl } from "../../registry/report-url.ts";
import { readDvcPointer } from "../../training/dvc-pointer.ts";
import { sourceHash } from "../components/source-hash.ts";
import { type DataVersion, TrainingPipeline } from "../components/training-pipeline.ts";
import { csvOnly } from "../csv-only.ts";
import { gateSigningKey, registryAccess } from "../load-settings.ts";
import type { StagingSettings } from "../settings.ts";
import type { Target } from "../targets/target.ts";
import { serveAndMark } from "./serve-and-mark.ts";

/** Staging: train, judge, serve, prove, mark. Each step takes what the one before it approved. */
export async function staging(settings: StagingSettings, target: Target): Promise<pulumi.Inputs> {
  const { modelName, mlflow, data, training, gate } = settings;
  const { trackingUri, url: registryUrl } = mlflow.trackingUri
    ? { trackingUri: mlflow.trackingUri, url: mlflow.trackingUri }
    : target.mlflowServer("mlflow", {});
  const registry = registryAccess(trackingUri);
  const pipeline = new TrainingPipeline(modelName, {
    registry,
    registryUrl,
    modelName,
    training: await dataVersion(data.training),
    evaluation: await dataVersion(data.evaluation),
    reference: data.reference === undefined ? undefined : await dataVersion(data.reference),
    trainer: {
      ...{ command: training.command, params: training.params, sourceHash: sourceHash(training.sources) },
      ...(training.runner === "job" && target.trainer && { run: target.trainer }),
    },
    existingVersion: training.version,
    policy: gate,
    pull: data.pull,
    signingKey: gateSigningKey(),
  });
  const { approvedVersion, modelSha256, runId, reportUri, accuracy, verdict } = pipeline.gate;
  const served = serveAndMark("staging", settings, target, registry, {
    ...{ version: approvedVersion, sha256: modelSha256, runId, gateReport: reportUri },
    signingKey: gateSigningKey(),
    page: {
      card: pulumi.all([verdict, accuracy, reportUri]).apply(([verdict, accuracy, report]) => ({
        ...{ verdict, metrics: { accuracy } },
        reportUrl: reportFolderUrl(registryUrl, report),
      })),
      ...{ driftReference: csvOnly(data.reference), otherUrl: settings.service.otherUrl },
    },
  });
  return { trackingUri, ...served, accuracy, gateReport: reportUri };
}

const dataVersion = async (path: string): Promise<DataVersion> => {
  const { md5 } = await readDvcPointer(`${path}.dvc`);
  return { path, md5 };
};
