import { sha256 } from "./artifact-digest.ts";
import type { DeploymentEvidence, GateEvidence } from "./evidence.ts";

const DIGITS = 12;

/**
 * A piece of evidence in one line, as the input of a resource: a preview shows it when the registry holds another one than the state, whoever
 * wrote it. It ends with a digest of all of the evidence, so that no change of it goes unseen.
 */
export function evidenceText(evidence: GateEvidence | DeploymentEvidence | undefined): string {
  if (!evidence) return "none";
  const entries = Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = sha256(JSON.stringify(entries)).slice(0, DIGITS);
  const policy = "policySha256" in evidence ? ` by policy ${evidence.policySha256.slice(0, DIGITS)}` : "";
  const why = evidence.verdict === "passed" ? "" : `: ${evidence.summary.slice(0, 200)}`;
  return `${evidence.verdict}${policy}, evidence ${digest}${why}`;
}
