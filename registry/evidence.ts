import { printable } from "../data/printable.ts";
import type { ModelVersion } from "./model-versions.ts";

/** `inconclusive`: the gate could not decide, which is not a pass. */
export type Verdict = "passed" | "failed" | "inconclusive";
export type EnvironmentName = "staging" | "production";

/** MLflow's stage for each environment; services report the same names. */
export const STAGES = { staging: "Staging", production: "Production" } as const satisfies Record<
  EnvironmentName,
  string
>;

/** `pending`: the version is being judged or verified again. Its previous pass no longer counts, and there is no new verdict yet. */
export type RecordedVerdict = Verdict | "pending";

/** The quality gate's evidence, recorded as tags of a model version. */
export interface GateEvidence {
  readonly verdict: RecordedVerdict;
  /** One line that names every failed check, or what passed. */
  readonly summary: string;
  /** Digest of the judged files (see combineDigests). If other files were found, digest of those that were expected. */
  readonly modelSha256: string;
  /** SHA-256 of the policy's canonical JSON. */
  readonly policySha256: string;
  /** MD5 of the evaluation snapshot, as in its DVC pointer. */
  readonly evaluationMd5: string;
  /** Artifact URI of the report; empty if it could not be recorded. A pass always has one. */
  readonly report: string;
  /** ISO 8601, UTC. */
  readonly judgedAt: string;
  /** Digest of the report's bytes. Earlier releases recorded neither this nor the following fields. */
  readonly reportSha256?: string;
  /** What the model was compared with: see championText. */
  readonly champion?: string;
  /** What ran the model: see runtimeName. */
  readonly runtime?: string;
  /** Artifact URI of the signed statement; empty without a signing key. */
  readonly attestation?: string;
}

/** An environment's evidence for a version that it has run and probed, recorded as tags. */
export interface DeploymentEvidence {
  readonly verdict: RecordedVerdict;
  readonly summary: string;
  /** Digest that the running service reported. */
  readonly modelSha256: string;
  readonly report: string;
  /** ISO 8601, UTC. */
  readonly verifiedAt: string;
  /** Digest of the report's bytes. Earlier releases recorded neither this nor the following fields. */
  readonly reportSha256?: string;
  /** Latency bound, in milliseconds. */
  readonly maxLatencyMs?: string;
  /** The verified image, by digest; `none` if the version ran without one. */
  readonly image?: string;
  /** Artifact URI of the signed statement; empty without a signing key. */
  readonly attestation?: string;
}

/** MLflow rejects longer tag values (the limit is 5,000 characters in older servers). */
const MAX_TAG = 4_900;

type TagNames<Evidence> = Readonly<Record<keyof Evidence & string, string>>;

const GATE_TAGS: TagNames<GateEvidence> = {
  verdict: "gate.verdict",
  summary: "gate.summary",
  modelSha256: "gate.model_sha256",
  policySha256: "gate.policy_sha256",
  evaluationMd5: "gate.evaluation_md5",
  report: "gate.report",
  judgedAt: "gate.judged_at",
  reportSha256: "gate.report_sha256",
  champion: "gate.champion",
  runtime: "gate.runtime",
  attestation: "gate.attestation",
};

const deploymentTags = (environment: EnvironmentName): TagNames<DeploymentEvidence> => ({
  verdict: `${environment}.verdict`,
  summary: `${environment}.summary`,
  modelSha256: `${environment}.model_sha256`,
  report: `${environment}.report`,
  verifiedAt: `${environment}.verified_at`,
  reportSha256: `${environment}.report_sha256`,
  maxLatencyMs: `${environment}.max_latency_ms`,
  image: `${environment}.image`,
  attestation: `${environment}.attestation`,
});

/** Fields that earlier releases did not record. */
const OPTIONAL: ReadonlySet<string> = new Set([
  "reportSha256",
  "champion",
  "runtime",
  "attestation",
  "maxLatencyMs",
  "image",
] satisfies (keyof GateEvidence | keyof DeploymentEvidence)[]);

export const GATE_VERDICT_TAG = GATE_TAGS.verdict;
export const deploymentVerdictTag = (environment: EnvironmentName): string => deploymentTags(environment).verdict;

export const gateTags = (evidence: GateEvidence) => write(evidence, GATE_TAGS);
export const readGateEvidence = (version: Pick<ModelVersion, "tags">) => read<GateEvidence>(version, GATE_TAGS);

export const environmentTags = (environment: EnvironmentName, evidence: DeploymentEvidence) =>
  write(evidence, deploymentTags(environment));
export const readDeploymentEvidence = (version: Pick<ModelVersion, "tags">, environment: EnvironmentName) =>
  read<DeploymentEvidence>(version, deploymentTags(environment));

/**
 * Orders tags for writing. A pass is written last and any other verdict first, so that an interrupted write never leaves a pass beside
 * evidence that does not belong to it.
 */
export function verdictInOrder(
  tags: Readonly<Record<string, string>>,
  verdictTag: string,
  verdict: RecordedVerdict,
): Record<string, string> {
  const { [verdictTag]: value = verdict, ...rest } = tags;
  return verdict === "passed" ? { ...rest, [verdictTag]: value } : { [verdictTag]: value, ...rest };
}

/** Tag with the digest that the trainer declared when it registered the version; some trainers declare none. */
export const DECLARED_DIGEST_TAG = "model.sha256";

function write<Evidence extends object>(evidence: Evidence, names: TagNames<Evidence>): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const key of Object.keys(names) as (keyof Evidence & string)[]) {
    const value = evidence[key];
    // Truncation may split a surrogate pair, and half a pair is not valid UTF-8.
    if (value !== undefined) tags[names[key]] = String(value).slice(0, MAX_TAG).toWellFormed();
  }
  return tags;
}

/**
 * Reads evidence from tags; undefined unless every required tag is present, because partial evidence does not count. Escapes unprintable
 * characters, because anyone with write access may have set the tags.
 */
function read<Evidence>({ tags }: Pick<ModelVersion, "tags">, names: TagNames<Evidence>): Evidence | undefined {
  const found: Record<string, string> = {};
  for (const [key, tag] of Object.entries<string>(names)) {
    const value = tags[tag];
    if (value !== undefined) found[key] = printable(value);
    else if (!OPTIONAL.has(key)) return undefined;
  }
  return found as Evidence;
}
