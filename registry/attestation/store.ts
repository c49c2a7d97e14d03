import type { KeyObject } from "node:crypto";
import { downloadEvidence, uploadArtifact } from "../artifacts.ts";
import { type EnvironmentName, type GateEvidence, readGateEvidence } from "../evidence.ts";
import type { MlflowClient } from "../mlflow-client.ts";
import type { ModelVersion } from "../model-versions.ts";
import { claimsDeployment, deploymentAttestationTag, distrustDeployment } from "./deployment-statement.ts";
import { type Envelope, IN_TOTO, signEnvelope } from "./envelope.ts";
import { type GateClaim, gateStatement } from "./statement.ts";
import { distrust } from "./verify.ts";

/** Artifact URI of the envelope that the last gate signed; empty when it signed none. */
export const ATTESTATION_TAG = "gate.attestation";

/** The envelope for a claim. */
export const attest = (claim: GateClaim, key: KeyObject): Envelope =>
  signEnvelope(IN_TOTO, JSON.stringify(gateStatement(claim)), key);

/** Logs an envelope to a run; answers its artifact URI. */
export async function storeAttestation(client: MlflowClient, artifactUri: string, path: string, envelope: Envelope) {
  await uploadArtifact(client, artifactUri, path, `${JSON.stringify(envelope, null, 2)}\n`);
  return `${artifactUri}/${path}`;
}

/** The envelope of a version, as JSON; undefined when its gate signed none. */
export async function readAttestation(client: MlflowClient, version: ModelVersion): Promise<string | undefined> {
  const uri = version.tags[ATTESTATION_TAG];
  return uri ? new TextDecoder().decode(await downloadEvidence(client, uri)) : undefined;
}

/**
 * Why the gate verdict that a registered version carries cannot be trusted: see distrust.
 * @param modelSha256 digest of its files as they are in the registry now
 */
export async function distrustVersion(
  client: MlflowClient,
  version: ModelVersion,
  modelSha256: string,
  key: KeyObject,
): Promise<string[]> {
  const evidence: GateEvidence | undefined = readGateEvidence(version);
  // The guard says that there is no verdict at all.
  if (!evidence) return [];
  const [envelope, report] = await Promise.all([
    readAttestation(client, version),
    downloadEvidence(client, evidence.report),
  ]);
  const { name: modelName, version: number } = version;
  return distrust({ modelName, version: number, modelSha256, evidence, report, envelope }, key);
}

/**
 * Why what a version's tags say of an environment's proof, image included, cannot be trusted: see distrustDeployment. Empty also where they
 * say nothing: the guard then says so.
 * @param modelSha256 digest of its files as they are in the registry now
 */
export async function distrustProof(
  client: MlflowClient,
  version: ModelVersion,
  environment: EnvironmentName,
  modelSha256: string,
  key: KeyObject,
): Promise<string[]> {
  if (!claimsDeployment(version, environment)) return [];
  const uri = version.tags[deploymentAttestationTag(environment)];
  const envelope = uri ? new TextDecoder().decode(await downloadEvidence(client, uri)) : undefined;
  return distrustDeployment(version, environment, modelSha256, envelope, key);
}
