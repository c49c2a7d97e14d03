import * as pulumi from "@pulumi/pulumi";
import { reportFolderUrl } from "../../registry/report-url.ts";
import { sourceHash } from "../components/source-hash.ts";
import { type DataVersion, TrainingPipeline } from "../components/training-pipeline.ts";
import { csvOnly } from "../csv-only.ts";
import { gateSigningKey, registryAccess } from "../load-settings.ts";
import { readPinnedSnapshot } from "../pinned-snapshot.ts";
import type { StagingSettings } from "../settings.ts";
import type { Target } from "../targets/target.ts";
import { serveAndMark } from "./serve-and-mark.ts";

/** Staging: train, judge, serve, prove, mark. Each step takes what the one before it approved. */
export async function staging(settings: StagingSettings, target: Target): Promise<pulumi.Inputs> {
  const { modelName, mlflow, data, training, gate } = settings;
  const trackingUri = mlflow.trackingUri ?? target.mlflowServer("mlflow", {});
  const registry = registryAccess(trackingUri);
  const isPulled = data.pull !== undefined;
  const pipeline = new TrainingPipeline(modelName, {
    registry,
    modelName,
    training: await dataVersion(data.training, isPulled || training.runner === "job"),
    evaluation: await dataVersion(data.evaluation, isPulled),
    reference: data.reference === undefined ? undefined : await dataVersion(data.reference, isPulled),
    trainer: {
      ...{ command: training.command, params: training.params, sourceHash: sourceHash(training.sources) },
      ...(training.runner === "job" && target.trainer && { run: target.trainer }),
    },
    policy: gate,
    pull: data.pull,
    signingKey: gateSigningKey(),
  });
  const { approvedVersion, modelSha256, runId, reportUri, accuracy, verdict } = pipeline.gate;
  const served = serveAndMark("staging", settings, target, registry, {
    ...{ version: approvedVersion, sha256: modelSha256, runId },
    signingKey: gateSigningKey(),
    page: {
      card: pulumi.all([verdict, accuracy, trackingUri, reportUri]).apply(([verdict, accuracy, uri, report]) => ({
        ...{ verdict, metrics: { accuracy } },
        reportUrl: reportFolderUrl(uri, report),
      })),
      ...{ driftReference: csvOnly(data.reference), otherUrl: settings.service.otherUrl },
    },
  });
  return { trackingUri, ...served, accuracy, gateReport: reportUri };
}

/** Says what of a snapshot is not as its pointer has it. Throws RunError, which the engine shows without a stack trace. */
async function dataVersion(path: string, mayBeMissing: boolean): Promise<DataVersion> {
  const { md5, warning, note } = await readPinnedSnapshot(path, mayBeMissing).catch((error: Error) => {
    throw new pulumi.RunError(error.message);
  });
  if (warning !== undefined) await pulumi.log.warn(warning);
  if (note !== undefined) await pulumi.log.info(note);
  return { path, md5 };
}
