import { signingKey } from "../../registry/attestation/envelope.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { reportUrl } from "../../registry/report-url.ts";
import { type GateTask, judge } from "./judge.ts";
import { policySchema } from "./policy.ts";
import { recordEvidence } from "./record-evidence.ts";
import { referenceBinsOrNone } from "./reference-bins.ts";

export interface QualityGateInputs extends GateTask {
  readonly registry: RegistryAccess;
  /** Of the version's MLflow run: the same number of another run is judged anew. */
  readonly runId?: string;
  /** MD5 of the evaluation snapshot: other data is judged anew. */
  readonly evaluationMd5: string;
  /** PEM of an Ed25519 private key that the verdict is signed with. */
  readonly signingKey?: string | undefined;
  readonly trainingMd5?: string;
  readonly referenceMd5?: string;
}

export interface QualityGateOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  readonly verdict: string;
  readonly reportUri: string;
  /** Artifact URI of the page of the version's last gate. */
  readonly reportPage: string;
  /** Share of right answers on the evaluation snapshot. */
  readonly accuracy: number;
}

/** Judges, records, and throws when the verdict is not a pass: nothing that stands behind the gate is touched then. */
export async function passGate(inputs: QualityGateInputs): Promise<QualityGateOutputs> {
  const client = new MlflowClient(inputs.registry);
  // Numbers and absent keys come back from the engine as they were sent, but what is in a state file may be anything.
  const policy = policySchema.parse(inputs.policy);
  // Before the judging: a key that cannot sign is no reason to wait for a verdict.
  const key = inputs.signingKey === undefined ? undefined : signingKey(inputs.signingKey);
  const report = await judge(client, { ...inputs, policy });
  const { referenceData, referenceMd5 } = inputs;
  const bins =
    referenceData === undefined
      ? undefined
      : await referenceBinsOrNone(referenceData, referenceMd5, (why) =>
          console.error(`production's page will show no drift of version ${inputs.version}: data.reference: ${why}`),
        );
  const reportUri = await recordEvidence(client, report, key, bins);
  const name = `${inputs.modelName} version ${inputs.version}`;
  if (report.verdict !== "passed")
    throw new Error(
      `quality gate ${report.verdict} for ${name}: ${report.summary}\n` +
        `  The version stays registered with this verdict; nothing behind the gate was changed. Report: ${reportUrl(inputs.registry.trackingUri, reportUri) ?? reportUri}`,
    );
  return {
    approvedVersion: inputs.version,
    modelUri: `models:/${inputs.modelName}/${inputs.version}`,
    modelSha256: report.model.sha256,
    verdict: report.verdict,
    reportUri,
    reportPage: reportUri.replace(/[^/]+$/, "report.html"),
    accuracy: report.metrics?.accuracy ?? Number.NaN,
  };
}
