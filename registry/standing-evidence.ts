import { sha256 } from "./artifact-digest.ts";
import type { DeploymentEvidence, GateEvidence } from "./evidence.ts";
import { evidenceText } from "./evidence-text.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { readEvidenceFile } from "./promotion-proof.ts";

/**
 * Formats evidence like evidenceText and appends problems with the files of a pass: a missing or overwritten report, a missing signature.
 * The changed text makes the version be judged or verified again, as the guard requires. Stacks store this text.
 * @throws RegistryError when the registry does not respond
 */
export async function standingEvidence(
  client: MlflowClient,
  evidence: GateEvidence | DeploymentEvidence | undefined,
): Promise<string> {
  const text = evidenceText(evidence);
  // Earlier releases recorded no digest, so there is nothing to compare with.
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
