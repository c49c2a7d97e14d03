import { downloadEvidence } from "./artifacts.ts";
import { RegistryError } from "./errors.ts";
import { type DeploymentEvidence, type GateEvidence, readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import type { HistoryEvent } from "./history-event.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import type { PromotionEvidence } from "./promotion-evidence.ts";

/** A file that evidence refers to, as it is in the registry now. */
export type EvidenceFile =
  | { readonly bytes: Uint8Array }
  /** Why it could not be read. */
  | { readonly missing: string };

/** A piece of evidence with its files. */
export interface Proof<Evidence> {
  readonly evidence: Evidence;
  readonly report: EvidenceFile;
  /** The DSSE envelope as JSON; undefined if the evidence names none. */
  readonly attestation: EvidenceFile | undefined;
}

/** All evidence for a version, with the files that it refers to. */
export interface PromotionProof {
  readonly gate: Proof<GateEvidence> | undefined;
  readonly staging: Proof<DeploymentEvidence> | undefined;
  /** The earlier promotion that this evidence comes from; undefined for the evidence now on the version. */
  readonly former: HistoryEvent | undefined;
  /** For a rollback: the gate's latest report, if the version has since failed under the same policy. */
  readonly failedSince?: EvidenceFile | undefined;
}

/** Reads a version's current evidence or, for a rollback, the evidence with which it was promoted. */
export async function readProof(
  client: MlflowClient,
  version: ModelVersion,
  former: HistoryEvent | undefined,
): Promise<PromotionProof> {
  const { gate, staging } = former ? evidenceOf(former, version) : evidenceOn(version);
  const now = former && readGateEvidence(version);
  const failed = now && now.verdict !== "passed" && now.policySha256 === former.policySha256;
  const [gateProof, stagingProof, failedSince] = await Promise.all([
    gate && withFiles(client, gate),
    staging && withFiles(client, staging),
    failed ? readEvidenceFile(client, now.report) : undefined,
  ]);
  return { gate: gateProof, staging: stagingProof, former, failedSince };
}

/** Evidence without its files. */
export interface VersionEvidence {
  readonly gate: GateEvidence | undefined;
  readonly staging: DeploymentEvidence | undefined;
}

export const evidenceOn = (version: ModelVersion): VersionEvidence => ({
  gate: readGateEvidence(version),
  staging: readDeploymentEvidence(version, "staging"),
});

/** Returns the evidence of a promotion. Earlier releases recorded less: if staging's evidence is missing, the version's own is used. */
function evidenceOf(event: HistoryEvent, version: ModelVersion): VersionEvidence {
  const { modelSha256 = "", policySha256 = "", evaluationMd5 = "", report = "", why, when } = event;
  const { reportSha256, champion, runtime, attestation } = event;
  const gate: GateEvidence = {
    verdict: "passed",
    summary: why,
    modelSha256,
    policySha256,
    evaluationMd5,
    report,
    judgedAt: when,
    ...(reportSha256 !== undefined && { reportSha256 }),
    ...(champion !== undefined && { champion }),
    ...(runtime !== undefined && { runtime }),
    attestation: attestation ?? BESIDE_REPORT,
  };
  if (event.stagingReport === undefined) return { gate, staging: readDeploymentEvidence(version, "staging") };
  const staging: DeploymentEvidence = {
    verdict: "passed",
    summary: why,
    modelSha256,
    report: event.stagingReport,
    verifiedAt: when,
    ...(event.stagingReportSha256 !== undefined && { reportSha256: event.stagingReportSha256 }),
    ...(event.stagingMaxLatencyMs !== undefined && { maxLatencyMs: event.stagingMaxLatencyMs }),
    ...(event.image !== undefined && { image: event.image }),
    attestation: event.stagingAttestation ?? "",
  };
  return { gate, staging };
}

/** Marks a promotion whose envelope an earlier release did not record. If there is one, it is beside the report. */
const BESIDE_REPORT = "beside the report";
const besideReport = (report: string): string => report.replace(/\/report-([^/]+)$/, "/attestation-$1");

/** Returns the evidence that a promotion records in the history. */
export function promotionEvidence({ gate, staging }: VersionEvidence): PromotionEvidence {
  if (!gate) return {};
  const { modelSha256, policySha256, evaluationMd5, report, reportSha256, champion, runtime, attestation } = gate;
  return {
    modelSha256,
    policySha256,
    evaluationMd5,
    report,
    ...(attestation !== undefined && { attestation }),
    ...(reportSha256 !== undefined && { reportSha256 }),
    ...(champion !== undefined && { champion }),
    ...(runtime !== undefined && { runtime }),
    ...(staging && stagingEvidence(staging)),
  };
}

const stagingEvidence = (staging: DeploymentEvidence): PromotionEvidence => ({
  stagingReport: staging.report,
  stagingAttestation: staging.attestation ?? "",
  ...(staging.reportSha256 !== undefined && { stagingReportSha256: staging.reportSha256 }),
  ...(staging.maxLatencyMs !== undefined && { stagingMaxLatencyMs: staging.maxLatencyMs }),
  ...(staging.image !== undefined && { image: staging.image }),
});

async function withFiles<Evidence extends { readonly report: string; readonly attestation?: string }>(
  client: MlflowClient,
  evidence: Evidence,
): Promise<Proof<Evidence>> {
  const isGuess = evidence.attestation === BESIDE_REPORT;
  const uri = isGuess ? besideReport(evidence.report) : evidence.attestation;
  const [report, attestation] = await Promise.all([
    readEvidenceFile(client, evidence.report),
    uri ? readEvidenceFile(client, uri) : undefined,
  ]);
  if (isGuess && attestation && "missing" in attestation)
    return { evidence: { ...evidence, attestation: "" }, report, attestation: undefined };
  return { evidence: { ...evidence, attestation: uri ?? "" }, report, attestation };
}

/**
 * Reads an evidence file, or the reason why it cannot be read.
 * @throws RegistryError when the registry does not respond or its response is incomplete, which says nothing about the file
 */
export async function readEvidenceFile(client: MlflowClient, uri: string): Promise<EvidenceFile> {
  if (uri === "") return { missing: "none was recorded" };
  try {
    return { bytes: await downloadEvidence(client, uri) };
  } catch (error) {
    if (error instanceof RegistryError && isRejection(error)) return { missing: error.message };
    throw error;
  }
}

/** Returns whether the registry rejected the request, or the URI cannot be requested at all. */
const isRejection = ({ status, cause }: RegistryError): boolean =>
  status === undefined ? cause === undefined : status >= 400 && status < 500;
