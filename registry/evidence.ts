import type { ModelVersion } from "./model-versions.ts";
import { printable } from "./printable.ts";

/** A gate that could not decide is inconclusive: it has not passed. */
export type Verdict = "passed" | "failed" | "inconclusive";
export type EnvironmentName = "staging" | "production";

/** MLflow's stage for each environment; also what a service calls itself. */
export const STAGES = { staging: "Staging", production: "Production" } as const satisfies Record<
  EnvironmentName,
  string
>;

/** What the quality gate leaves on a model version, as tags. */
export interface GateEvidence {
  readonly verdict: Verdict;
  /** One line: every failed check, or what passed. */
  readonly summary: string;
  /** Digest of the files that were judged, see combineDigests; where others were found, of those that should have been. */
  readonly modelSha256: string;
  /** SHA-256 of the policy's canonical JSON. */
  readonly policySha256: string;
  /** MD5 of the evaluation snapshot, as in its DVC pointer. */
  readonly evaluationMd5: string;
  /** Artifact URI of the report. */
  readonly report: string;
  /** ISO 8601, UTC. */
  readonly judgedAt: string;
}

/** What an environment leaves on a version that it has run and probed. */
export interface DeploymentEvidence {
  readonly verdict: Verdict;
  readonly summary: string;
  /** Digest that the running service reported. */
  readonly modelSha256: string;
  readonly report: string;
  readonly verifiedAt: string;
}

/** MLflow refuses longer values (5,000 characters in its older servers). */
const MAX_TAG = 4_900;

const GATE_TAGS: Readonly<Record<keyof GateEvidence, string>> = {
  verdict: "gate.verdict",
  summary: "gate.summary",
  modelSha256: "gate.model_sha256",
  policySha256: "gate.policy_sha256",
  evaluationMd5: "gate.evaluation_md5",
  report: "gate.report",
  judgedAt: "gate.judged_at",
};

const deploymentTags = (environment: EnvironmentName): Readonly<Record<keyof DeploymentEvidence, string>> => ({
  verdict: `${environment}.verdict`,
  summary: `${environment}.summary`,
  modelSha256: `${environment}.model_sha256`,
  report: `${environment}.report`,
  verifiedAt: `${environment}.verified_at`,
});

export const gateTags = (evidence: GateEvidence) => write(evidence, GATE_TAGS);
export const readGateEvidence = (version: ModelVersion) => read<GateEvidence>(version, GATE_TAGS);

export const environmentTags = (environment: EnvironmentName, evidence: DeploymentEvidence) =>
  write(evidence, deploymentTags(environment));
export const readDeploymentEvidence = (version: ModelVersion, environment: EnvironmentName) =>
  read<DeploymentEvidence>(version, deploymentTags(environment));

/**
 * Tags in the order in which to set them: a pass goes last and a failure first, so that a pass never stands beside evidence that
 * is not its own, wherever the writing is cut off.
 */
export function verdictInOrder(
  tags: Readonly<Record<string, string>>,
  verdictTag: string,
  verdict: Verdict,
): Record<string, string> {
  const { [verdictTag]: value = verdict, ...rest } = tags;
  return verdict === "passed" ? { ...rest, [verdictTag]: value } : { [verdictTag]: value, ...rest };
}

/** The digest that the trainer declared when it registered the version; undefined for trainers that do not. */
export const DECLARED_DIGEST_TAG = "model.sha256";

function write<Evidence extends object>(evidence: Evidence, names: Readonly<Record<keyof Evidence & string, string>>) {
  const tags: Record<string, string> = {};
  // Half a surrogate pair at the cut would be no valid UTF-8.
  for (const key of Object.keys(names) as (keyof Evidence & string)[])
    tags[names[key]] = String(evidence[key]).slice(0, MAX_TAG).toWellFormed();
  return tags;
}

/** Undefined unless every tag is there: half a piece of evidence is none. Whoever can write tags wrote them: they are made printable. */
function read<Evidence>({ tags }: ModelVersion, names: Readonly<Record<keyof Evidence & string, string>>) {
  const entries = Object.entries<string>(names).map(([key, tag]) => [key, tags[tag]] as const);
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(entries.map(([key, value = ""]) => [key, printable(value)])) as Evidence;
}
