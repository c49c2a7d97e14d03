import type { KeyObject } from "node:crypto";
import { downloadEvidence, uploadArtifact } from "../artifacts.ts";
import { type GateEvidence, readGateEvidence } from "../evidence.ts";
import type { MlflowClient } from "../mlflow-client.ts";
import type { ModelVersion } from "../model-versions.ts";
import { type Envelope, IN_TOTO, signEnvelope } from "./envelope.ts";
import { type GateClaim, gateStatement } from "./statement.ts";
import { distrust } from "./verify.ts";

/** Signs a gate claim. */
export const attest = (claim: GateClaim, key: KeyObject): Envelope =>
  signEnvelope(IN_TOTO, JSON.stringify(gateStatement(claim)), key);

/** Logs an envelope to a run and returns its artifact URI. */
export async function storeAttestation(client: MlflowClient, artifactUri: string, path: string, envelope: Envelope) {
  await uploadArtifact(client, artifactUri, path, `${JSON.stringify(envelope, null, 2)}\n`);
  return `${artifactUri}/${path}`;
}

/** Downloads the envelope at an artifact URI as JSON; undefined without a URI, because then the gate signed nothing. */
export async function readAttestation(client: MlflowClient, uri: string | undefined): Promise<string | undefined> {
  return uri ? new TextDecoder().decode(await downloadEvidence(client, uri)) : undefined;
}

/**
 * Returns the reasons why the gate verdict on a registered version cannot be trusted: see distrust.
 * @param modelSha256 digest of its files in the registry now
 */
export async function distrustVersion(
  client: MlflowClient,
  version: ModelVersion,
  modelSha256: string,
  key: KeyObject,
): Promise<string[]> {
  const evidence: GateEvidence | undefined = readGateEvidence(version);
  // The guard reports a missing verdict.
  if (!evidence) return [];
  const [envelope, report] = await Promise.all([
    readAttestation(client, evidence.attestation),
    downloadEvidence(client, evidence.report),
  ]);
  const { name: modelName, version: number } = version;
  return distrust({ modelName, version: number, modelSha256, evidence, report, envelope }, key);
}
