import { sha256 } from "./artifact-digest.ts";
import type { DeploymentEvidence, GateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { readEvidenceFile } from "./promotion-proof.ts";

const DIGITS = 12;

/**
 * Formats evidence as one line, for a resource input: a preview shows a change when the registry and the state differ, whoever wrote it.
 * The line ends with a digest of all the evidence, so that no change goes unnoticed.
 */
export function evidenceText(evidence: GateEvidence | DeploymentEvidence | undefined): string {
  if (!evidence) return "none";
  const entries = Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = sha256(JSON.stringify(entries)).slice(0, DIGITS);
  const policy = "policySha256" in evidence ? ` by policy ${evidence.policySha256.slice(0, DIGITS)}` : "";
  const why = evidence.verdict === "passed" ? "" : `: ${evidence.summary.slice(0, 200)}`;
  return `${evidence.verdict}${policy}, evidence ${digest}${why}`;
}

/**
 * The same, and what is wrong about the files that a pass names: a report that is gone or overwritten, a signature that is gone. The version is then judged
 * or verified again, which is what the guard asks for.
 * @throws RegistryError when the registry does not answer
 */
export async function standingEvidenceText(
  client: MlflowClient,
  evidence: GateEvidence | DeploymentEvidence | undefined,
): Promise<string> {
  const text = evidenceText(evidence);
  // Earlier releases recorded no digest: there is nothing to compare with.
  if (evidence?.verdict !== "passed" || evidence.reportSha256 === undefined) return text;
  const [report, attestation] = await Promise.all([
    readEvidenceFile(client, evidence.report),
    evidence.attestation ? readEvidenceFile(client, evidence.attestation) : undefined,
  ]);
  const problems = [
    ...("missing" in report
      ? ["its report is missing"]
      : sha256(report.bytes) === evidence.reportSha256
        ? []
        : ["its report was overwritten"]),
    ...(attestation && "missing" in attestation ? ["its signature is missing"] : []),
  ];
  return [text, ...problems].join(", ");
}
