import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allRefusals } from "./all-refusals.ts";
import { downloadModel } from "./artifacts.ts";
import { changedTask } from "./changed-task.ts";
import { isNotFound } from "./errors.ts";
import { recordEvent } from "./history.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion } from "./model-versions.ts";
import { decidePromotion, hasExpired, isByOverride, type PromotionOverride } from "./promotion-override.ts";
import { readProvedImage } from "./proved-image.ts";
import { withdrawalOf } from "./withdrawal.ts";

export interface PromotionInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  /** Whether what production deploys is an image. */
  readonly needsImage?: boolean;
  /** PEM; where it is given, the gate's verdict must be signed with its private half. */
  readonly gatePublicKey?: string | undefined;
  readonly override?: PromotionOverride | undefined;
}

export interface PromotionOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  /** The image in which staging proved it, by digest; empty where none is needed. */
  readonly provedImage: string;
  /** Of the MLflow run that made the version. */
  readonly runId: string;
  readonly why: string;
}

/**
 * Asks the guard. Throws an Error that names every reason when the version may not go to production, and leaves the refusal in
 * the model's history.
 */
export async function promote(inputs: PromotionInputs): Promise<PromotionOutputs> {
  const { registry, modelName, version, needsImage } = inputs;
  const client = new MlflowClient(registry);
  const found = await getModelVersion(client, modelName, version);
  const digest = await digestOf(client, found);
  const proved = needsImage ? readProvedImage(found) : { image: "" };
  const refusals = [
    ...(await allRefusals(client, found, digest, inputs.gatePublicKey)),
    // Without an image there is nothing to deploy, for whatever reason.
    ...("refusal" in proved ? [{ reason: proved.refusal, overridable: false }] : []),
  ];
  const { allowed, told, why } = decidePromotion(version, refusals, inputs.override, new Date());
  const holder = await getVersionByAlias(client, modelName, "production");
  const event = { to: version, why, modelSha256: digest, ...(holder && { from: holder.version }) };
  if (!allowed) {
    const lines = told.map((line) => `  - ${line}`).join("\n");
    const failure = `promotion of ${modelName} version ${version} to production refused:\n${lines}`;
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
    provedImage: "image" in proved ? proved.image : "",
    runId: found.runId,
    why,
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

async function digestOf(client: MlflowClient, version: ModelVersion): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "promotion-"));
  try {
    return await downloadModel(client, version, join(folder, "model"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const provider = {
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
};
