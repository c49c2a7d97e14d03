import { verificationKey } from "./attestation/envelope.ts";
import { distrustProof, distrustVersion } from "./attestation/store.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import type { ModelVersion } from "./model-versions.ts";
import { findRefusals, type Refusal } from "./promotion-guard.ts";

/**
 * Why a version may not go to production, signatures included where a public key asks for them; empty when it may.
 * @param actualSha256 digest of the version's files as they are in the registry now
 * @param gatePublicKey PEM; undefined: what the registry's tags say is believed
 */
export async function allRefusals(
  client: MlflowClient,
  version: ModelVersion,
  actualSha256: string,
  gatePublicKey: string | undefined,
): Promise<Refusal[]> {
  const refusals = findRefusals(version, actualSha256);
  if (gatePublicKey === undefined) return refusals;
  const key = verificationKey(gatePublicKey, "gatePublicKey");
  const distrusted = [
    ...(await distrustVersion(client, version, actualSha256, key)),
    ...(await distrustProof(client, version, "staging", actualSha256, key)),
  ];
  return [...refusals, ...distrusted.map((reason) => ({ reason, overridable: false }))];
}
