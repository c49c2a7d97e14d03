import { printable } from "../data/printable.ts";
import { readGateEvidence } from "./evidence.ts";
import { recordEvent } from "./history.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion, setVersionTags } from "./model-versions.ts";
import { evidenceOn, promotionEvidence } from "./promotion-proof.ts";
import { whoAmI } from "./provenance.ts";
import { withdrawalOf, withdrawalTags } from "./withdrawal.ts";

/** A planned withdrawal, with the registry's state before anything is written. */
export interface WithdrawalPlan {
  readonly trackingUri: string;
  readonly version: ModelVersion;
  /** The version in production; undefined if there is none. */
  readonly inProduction: string | undefined;
  readonly reason: string;
}

/**
 * Plans a withdrawal. Writes nothing.
 * @throws RegistryError if the version does not exist
 */
export async function planWithdrawal(
  client: MlflowClient,
  modelName: string,
  version: string,
  reason: string,
): Promise<WithdrawalPlan> {
  const [found, holder] = await Promise.all([
    getModelVersion(client, modelName, version),
    getVersionByAlias(client, modelName, "production"),
  ]);
  return { trackingUri: client.trackingUri, version: found, inProduction: holder?.version, reason };
}

/** Describes the planned withdrawal, for confirmation. */
export function describeWithdrawal({ trackingUri, version, inProduction, reason }: WithdrawalPlan): string {
  const gate = readGateEvidence(version);
  const before = withdrawalOf(version);
  const serving = inProduction === version.version;
  return [
    `withdraw    ${version.name} version ${version.version}: ${reason}`,
    `registry    ${trackingUri}`,
    `version     stage ${printable(version.stage)}, gate ${gate ? `${gate.verdict}: ${gate.summary}` : "has not judged it"}`,
    ...(before ? [`            already withdrawn: ${printable(before)}`] : []),
    `production  ${inProduction === undefined ? "no version" : `version ${inProduction}`}`,
    "changes     every later `up` of production refuses the version, and so does every rollback",
    ...(serving ? ["            it is in production and keeps serving until a rollback or another promotion"] : []),
  ].join("\n");
}

/** Withdraws a version: production's next update and every rollback refuse it. A running service keeps serving it. */
export async function withdraw(client: MlflowClient, { version, reason }: WithdrawalPlan): Promise<void> {
  await setVersionTags(client, version, withdrawalTags(reason, whoAmI(), new Date()));
  const standing = promotionEvidence(evidenceOn(version));
  await recordEvent(client, version.name, { kind: "withdrawal", to: version.version, why: reason, ...standing });
}
