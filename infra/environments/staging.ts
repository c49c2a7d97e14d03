import * as pulumi from "@pulumi/pulumi";
import { type DataContract, serviceContractText } from "../../data/contract/data-contract.ts";
import { type DataFormat, formatOf } from "../../data/reader/data-format.ts";
import { headlineMetrics } from "../../registry/gate-report.ts";
import { cardReportUrl, reportUrl } from "../../registry/report-url.ts";
import { addedOutput, definedOutputs } from "../added-output.ts";
import { dataVersion } from "../components/data-version.ts";
import { builtInCommand, sourceHash } from "../components/trainer-source.ts";
import { TrainingPipeline } from "../components/training-pipeline.ts";
import { gateSigningKey, registryAccess } from "../load-settings.ts";
import type { ColumnNames } from "../named-columns.ts";
import { requireColumns } from "../named-columns.ts";
import type { StagingSettings } from "../settings.ts";
import type { Target } from "../targets/target.ts";
import { serveAndMark } from "./serve-and-mark.ts";

/** Staging: trains, evaluates, serves, verifies and marks. Each step takes what the previous one approved. */
export async function staging(settings: StagingSettings, target: Target): Promise<pulumi.Inputs> {
  const { modelName, mlflow, data, training, gate } = settings;
  const { trackingUri, url: registryUrl } = mlflow.trackingUri
    ? { trackingUri: mlflow.trackingUri, url: mlflow.trackingUri }
    : target.mlflowServer("mlflow");
  const registry = registryAccess(trackingUri);
  const dataFormat = formatOf(data);
  const isPulled = data.pull !== undefined;
  await requireColumns(configuredColumns(settings, pulumi.getStack()), isPulled || training.runner === "job");
  const contract = data.contract === undefined ? undefined : await dataContract(data.contract, dataFormat);
  const requestContract = contract ? serviceContractText(contract) : "";
  const pipeline = new TrainingPipeline(modelName, {
    registry,
    registryUrl,
    modelName,
    training: await dataVersion(data.training, isPulled || training.runner === "job"),
    evaluation: await dataVersion(data.evaluation, isPulled),
    reference: data.reference === undefined ? undefined : await dataVersion(data.reference, isPulled),
    trainer: {
      command: training.command,
      params: training.params,
      sourceHash: sourceHash(training.sources),
      ...(training.runner === "job" && target.trainer && { run: target.trainer }),
    },
    existingVersion: training.version,
    policy: gate,
    dataFormat,
    areColumnsChecked: true,
    contract,
    pull: data.pull,
    signingKey: gateSigningKey(),
  });
  const { approvedVersion, modelSha256, runId, reportUri, verdict } = pipeline.gate;
  const reportPage = addedOutput(reportUri, pipeline.gate.reportPage);
  const accuracy = addedOutput(reportUri, pipeline.gate.accuracy);
  const metrics = addedOutput(reportUri, pipeline.gate.metrics);
  const driftReference = addedOutput(reportUri, pipeline.gate.driftReference);
  const served = serveAndMark("staging", settings, target, registry, {
    version: approvedVersion,
    sha256: modelSha256,
    runId,
    gateReport: reportUri,
    signingKey: gateSigningKey(),
    page: {
      card: pulumi
        .all([verdict, accuracy, metrics, reportUri, reportPage])
        .apply(([verdict, accuracy, metrics, report, page]) => ({
          verdict,
          // Only these metrics: a verdict under another policy must not restart the service.
          metrics: metrics ? headlineMetrics(metrics) : { accuracy },
          reportUrl: cardReportUrl(registryUrl, report, page),
        })),
      reference:
        data.reference === undefined ? undefined : { ofGate: driftReference, path: data.reference, format: dataFormat },
      otherUrl: settings.service.otherUrl,
      ...(requestContract !== "" && {
        contract: { text: requestContract, mode: settings.service.contract ?? "count" },
      }),
    },
  });
  // Only a report of this run has a page in MLflow.
  const gateReport = reportUri.apply((report) => reportUrl(registryUrl, report) ?? report);
  const measured = await definedOutputs({ accuracy, metrics });
  // Production's stack reads the first two.
  return { trackingUri, modelName, ...served, ...measured, gateReport, gateReportUri: reportUri };
}

/** Loads the data contract. Throws RunError, which the engine shows without a stack trace. */
async function dataContract(given: string | object, format: DataFormat | undefined): Promise<DataContract> {
  // Loaded only here, so that a stack without a contract does not pay for it.
  const { loadContract } = await import("../../training/gate/contract/parse-contract.ts");
  return loadContract(given, format).catch((error: Error) => {
    throw new pulumi.RunError(error.message);
  });
}

/** The columns that a stack's config names. */
export const configuredColumns = ({ data, gate, training }: StagingSettings, stack: string): ColumnNames => ({
  snapshots: data,
  format: formatOf(data),
  policy: gate,
  fitsLabels: training.command === builtInCommand() && training.version === undefined,
  keys: { format: "data", policy: "gate" },
  owner: ` (stack ${stack})`,
  wayOut: (key) => `. Set it with: pulumi config set --path ${key} <column>`,
});
