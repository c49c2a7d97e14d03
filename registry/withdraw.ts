import { recordEvent } from "./history.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, setVersionTags } from "./model-versions.ts";
import { evidenceOn, promotionEvidence } from "./promotion-proof.ts";
import { whoAmI } from "./who-am-i.ts";
import { withdrawalTags } from "./withdrawal.ts";

/**
 * Withdraws a version: production's next update refuses it, and no rollback goes to it. What serves goes on serving.
 * @returns whether it is the version in production
 * @throws RegistryError when there is no such version
 */
export async function withdraw(
  client: MlflowClient,
  modelName: string,
  version: string,
  reason: string,
): Promise<{ readonly isInProduction: boolean }> {
  const found = await getModelVersion(client, modelName, version);
  await setVersionTags(client, found, withdrawalTags(reason, whoAmI(), new Date()));
  const standing = promotionEvidence(evidenceOn(found));
  await recordEvent(client, modelName, { kind: "withdrawal", to: version, why: reason, ...standing });
  const holder = await getVersionByAlias(client, modelName, "production");
  return { isInProduction: holder?.version === version };
}
