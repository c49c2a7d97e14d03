import { defineProvider } from "../dynamic/define-provider.ts";
import { askGuard, type PromotionInputs, refusalText } from "./ask-guard.ts";
import { changedTask } from "./changed-task.ts";
import { isNotFound } from "./errors.ts";
import { readGateEvidence } from "./evidence.ts";
import { recordEvent } from "./history.ts";
import { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "./model-versions.ts";
import { hasExpired, isByOverride } from "./promotion-override.ts";
import { withdrawalOf } from "./withdrawal.ts";

export interface PromotionOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  /** The image in which staging proved it, by digest; empty where none is needed. */
  readonly provedImage: string;
  /** Of the MLflow run that made the version. */
  readonly runId: string;
  readonly why: string;
  /** Artifact URI; empty for a version without a verdict. */
  readonly gateReport: string;
}

/**
 * Asks the guard. Throws an Error that names every reason when the version may not go to production, and leaves the refusal in
 * the model's history.
 */
export async function promote(inputs: PromotionInputs): Promise<PromotionOutputs> {
  const { registry, modelName, version } = inputs;
  const client = new MlflowClient(registry);
  const { found, digest, image, decision } = await askGuard(client, inputs);
  const { allowed, why } = decision;
  const holder = await getVersionByAlias(client, modelName, "production");
  const event = { to: version, why, modelSha256: digest, ...(holder && { from: holder.version }) };
  if (!allowed) {
    const failure = refusalText(inputs, decision);
    await recordEvent(client, modelName, { kind: "refusal", ...event }, found).catch((cause) => {
      throw new Error(`${failure}\n  The refusal could not be written to the history: ${cause.message}`, { cause });
    });
    throw new Error(failure);
  }
  // The stage records what moves it; an override that is given anew to the version in production moves nothing.
  if (isByOverride(why) && holder?.version === version)
    await recordEvent(client, modelName, { kind: "override", ...event }, found);
  return {
    approvedVersion: version,
    modelUri: `models:/${modelName}/${version}`,
    modelSha256: digest,
    provedImage: image,
    runId: found.runId,
    why,
    gateReport: readGateEvidence(found)?.report ?? "",
  };
}

/** What has changed in the registry, or with time, since the guard was asked: it is asked again then. */
async function decisionIsStale(olds: PromotionOutputs, news: PromotionInputs): Promise<boolean> {
  const { registry, modelName, version, override } = news;
  if (isByOverride(olds.why) && override && hasExpired(override, new Date())) return true;
  try {
    const found = await getModelVersion(new MlflowClient(registry), modelName, version);
    // The same number of another run: a registry that was emptied counts from 1 again.
    return withdrawalOf(found) !== undefined || found.runId !== olds.runId;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

export const provider = defineProvider({
  async diff(_id: string, olds: PromotionInputs & PromotionOutputs, news: PromotionInputs) {
    const changed = changedTask(olds, news, ["modelName", "version", "needsImage", "gatePublicKey", "override"]);
    return { changes: changed.length > 0 || (await decisionIsStale(olds, news)) };
  },
  async create(inputs: PromotionInputs) {
    return { id: inputs.modelName, outs: { ...inputs, ...(await promote(inputs)) } };
  },
  async update(_id: string, _olds: PromotionInputs, news: PromotionInputs) {
    return { outs: { ...news, ...(await promote(news)) } };
  },
  async delete() {
    // A decision leaves nothing behind that could be removed.
  },
});
