import { contractSchema } from "../../data/contract/data-contract.ts";
import { driftReferenceText, parseReferenceBins } from "../../data/drift/reference-bins.ts";
import { signingKey } from "../../registry/attestation/envelope.ts";
import { GATE_VERDICT_TAG, gateTags, readGateEvidence } from "../../registry/evidence.ts";
import { evidenceText } from "../../registry/evidence-text.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { suspendPass } from "../../registry/record-verdict.ts";
import { reportPageOf, reportUrl } from "../../registry/report-url.ts";
import type { Signature } from "../../service/predictor/signature.ts";
import { scriptsText } from "./custom/scripts.ts";
import { type GateTask, judge } from "./judge.ts";
import { mainMetrics } from "./main-metrics.ts";
import { policySchema } from "./policy.ts";
import { gateEvidence, recordEvidence, verdictSentence } from "./record-evidence.ts";
import { referenceBinsOrNone } from "./reference-bins.ts";

export interface QualityGateInputs extends GateTask {
  readonly registry: RegistryAccess;
  /** The version's MLflow run: the same version number with another run triggers a new evaluation. */
  readonly runId?: string;
  /** MD5 of the evaluation snapshot: other data triggers a new evaluation. */
  readonly evaluationMd5: string;
  /** PEM of an Ed25519 private key that signs the verdict. */
  readonly signingKey?: string | undefined;
  readonly trainingMd5?: string;
  readonly referenceMd5?: string;
  /** `project/stack`. Absent in the state of earlier releases. */
  readonly stack?: string | undefined;
}

export interface QualityGateOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  readonly verdict: string;
  readonly reportUri: string;
  /** Artifact URI of the page of the version's latest report. */
  readonly reportPage: string;
  /** Share of correct predictions on the evaluation snapshot. Absent for a regressor. */
  readonly accuracy?: number;
  /** The model's main metrics: see mainMetrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Bins of the reference snapshot, in the services' format. Absent without a reference, or if the bins could not be computed. */
  readonly driftReference?: string;
  /** Champion, runtime and evidence at the time of the verdict: see SurroundingInputs. */
  readonly champion: string;
  readonly runtime: string;
  readonly evidence: string;
  readonly scripts?: string;
}

/** Evaluates the version, records the verdict, and throws unless it is a pass, so that nothing downstream of the gate changes. */
export async function passGate(inputs: QualityGateInputs): Promise<QualityGateOutputs> {
  const { modelName, version, registry } = inputs;
  const client = new MlflowClient(registry);
  // Numbers and absent keys survive the engine, but a state file may contain anything.
  const policy = policySchema.parse(inputs.policy);
  const contract = inputs.contract && contractSchema.parse(inputs.contract);
  // Check the key first, so that an invalid one fails before the evaluation.
  const key = inputs.signingKey === undefined ? undefined : signingKey(inputs.signingKey);
  let bins: string | undefined;
  const report = await judge(
    client,
    { ...inputs, policy, contract },
    {
      begin: (found: ModelVersion) => suspendPass(client, found, GATE_VERDICT_TAG),
      async opened(model) {
        bins = await binsOf(inputs, model?.predictor.signature);
      },
    },
  );
  const recorded = await recordEvidence(client, report, key, bins);
  if (report.verdict !== "passed" || typeof recorded === "string") {
    const where =
      typeof recorded === "string"
        ? `However, ${recorded}`
        : `Report: ${reportUrl(registry.trackingUri, recorded.report) ?? recorded.report}`;
    throw new Error(
      `${verdictSentence(report)}\n  The version stays registered with this verdict; nothing downstream of the gate changed. ${where}`,
    );
  }
  return {
    approvedVersion: version,
    modelUri: `models:/${modelName}/${version}`,
    modelSha256: report.model.sha256,
    verdict: report.verdict,
    reportUri: recorded.report,
    reportPage: reportPageOf(recorded.report),
    ...mainMetrics(report),
    ...(bins !== undefined && { driftReference: driftReferenceText(parseReferenceBins(bins)) }),
    champion: report.champion,
    runtime: report.runtime,
    ...(report.scripts && { scripts: scriptsText(report.scripts) }),
    // As the registry returns it: long values are truncated.
    evidence: evidenceText(readGateEvidence({ tags: gateTags(gateEvidence(report, recorded)) })),
  };
}

/** Bins of the reference snapshot, for the services' pages; undefined without one. */
async function binsOf(
  { referenceData, referenceMd5, dataFormat, version }: QualityGateInputs,
  signature: Signature | undefined,
): Promise<string | undefined> {
  if (referenceData === undefined) return undefined;
  return referenceBinsOrNone(referenceData, { md5: referenceMd5, format: dataFormat, signature }, (reason) =>
    console.error(`services will not monitor drift for version ${version}: data.reference: ${reason}`),
  );
}
