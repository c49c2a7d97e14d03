import { sha256 } from "../../registry/artifact-digest.ts";
import { NOT_COMPARED } from "../../registry/champion.ts";
import type { DeploymentEvidence, GateEvidence, Verdict } from "../../registry/evidence.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import type { PromotionCase } from "../../registry/promotion-guard.ts";
import type { PromotionProof, Proof } from "../../registry/promotion-proof.ts";
import { versionWith } from "./model-version.ts";

export const SHA = "a".repeat(64);
export const POLICY = "b".repeat(64);
const EVALUATION = "c".repeat(32);
const RUNTIME = "onnxruntime 1.30.0, linux-x64";

/** Returns evidence with a report of these contents. */
export function withReport<Evidence extends { readonly reportSha256?: string }>(
  evidence: Evidence,
  report: object,
): Proof<Evidence> {
  const bytes = new TextEncoder().encode(JSON.stringify(report));
  return { evidence: { ...evidence, reportSha256: sha256(bytes) }, report: { bytes }, attestation: undefined };
}

/** Returns a gate's evidence for version 3: tags and a report that agree. */
export function gateProof(changes: Partial<GateEvidence> = {}): Proof<GateEvidence> {
  const evidence: GateEvidence = {
    verdict: "passed",
    summary: "accuracy 0.8975 >= 0.85 required",
    modelSha256: SHA,
    policySha256: POLICY,
    evaluationMd5: EVALUATION,
    report: "mlflow-artifacts:/1/run/artifacts/gate/report-1.json",
    judgedAt: "2026-05-01T12:00:00.000Z",
    champion: NOT_COMPARED,
    runtime: RUNTIME,
    attestation: "",
    ...changes,
  };
  return withReport(evidence, gateReport(evidence));
}

/** Returns the part of a gate's report that the guard reads. */
export const gateReport = (evidence: GateEvidence) => ({
  format: "gate-report/2",
  verdict: evidence.verdict,
  model: { name: "churn-model", version: "3", sha256: evidence.modelSha256 },
  evaluation: { md5: evidence.evaluationMd5 },
  policy: {},
  policySha256: evidence.policySha256,
  champion: evidence.champion,
  runtime: evidence.runtime,
});

/** Returns staging's evidence for version 3. */
export function stagingProof(changes: Partial<DeploymentEvidence> = {}): Proof<DeploymentEvidence> {
  const evidence: DeploymentEvidence = {
    verdict: "passed",
    summary: "starts: /ready answered 200",
    modelSha256: SHA,
    report: "mlflow-artifacts:/1/run/artifacts/staging/report-1.json",
    verifiedAt: "2026-05-01T12:01:00.000Z",
    maxLatencyMs: "100",
    image: "none",
    attestation: "",
    ...changes,
  };
  return withReport(evidence, {
    format: "deployment-report/1",
    environment: "staging",
    name: "churn-model",
    version: "3",
    modelSha256: evidence.modelSha256,
    verdict: evidence.verdict,
    image: evidence.image,
  });
}

export interface CaseChanges {
  readonly proof?: Partial<PromotionProof>;
  readonly version?: ModelVersion;
  readonly serves?: PromotionCase["serves"];
}

/** Returns a case in which version 3 qualifies for production, except for the changes. */
export const promotionCase = ({ proof, version = versionWith(), serves }: CaseChanges = {}): PromotionCase => ({
  version,
  actualSha256: SHA,
  proof: { gate: gateProof(), staging: stagingProof(), former: undefined, ...proof },
  serves: serves ?? { champion: "none" },
});

export const gateVerdict = (verdict: Verdict, modelSha256 = SHA) =>
  gateProof({ verdict, modelSha256, summary: "accuracy 0.8975 < 0.90 required" });
export const stagingVerdict = (verdict: Verdict, modelSha256 = SHA) =>
  stagingProof({ verdict, modelSha256, summary: "latency: p95 120.0 ms > 100 ms allowed" });
