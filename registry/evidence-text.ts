import { sha256 } from "./artifact-digest.ts";
import type { DeploymentEvidence, GateEvidence } from "./evidence.ts";

const DIGITS = 12;

/** Stands for the evidence of a version that does not exist. */
export const MISSING_VERSION = "the registry does not have this version";

/**
 * Formats evidence as one line for a resource input, so that a preview shows a change when the registry and the state differ.
 * The line contains a digest of all the evidence, so that no change goes unnoticed.
 */
export function evidenceText(evidence: GateEvidence | DeploymentEvidence | undefined): string {
  if (!evidence) return "none";
  const entries = Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = sha256(JSON.stringify(entries)).slice(0, DIGITS);
  const policy = "policySha256" in evidence ? ` by policy ${evidence.policySha256.slice(0, DIGITS)}` : "";
  const why = evidence.verdict === "passed" ? "" : `: ${evidence.summary.slice(0, 200)}`;
  return `${evidence.verdict}${policy}, evidence ${digest}${why}`;
}
