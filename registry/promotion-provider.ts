import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel } from "./artifacts.ts";
import { verificationKey } from "./attestation/envelope.ts";
import { distrustProof, distrustVersion } from "./attestation/store.ts";
import { changedTask } from "./changed-task.ts";
import { recordEvent } from "./history.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion } from "./model-versions.ts";
import type { PromotionOverride } from "./promotion.ts";
import { findRefusals, type Refusal } from "./promotion-guard.ts";
import { readProvedImage } from "./proved-image.ts";

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
    ...(await allRefusals(client, inputs, found, digest)),
    // Without an image there is nothing to deploy, for whatever reason.
    ...("refusal" in proved ? [{ reason: proved.refusal, overridable: false }] : []),
  ];
  const reasons = refusals.map(({ reason }) => reason);
  const override = inputs.override?.version === version ? inputs.override : undefined;
  if (refusals.length > 0 && !(override && refusals.every(({ overridable }) => overridable))) {
    const holder = await getVersionByAlias(client, modelName, "production");
    const event = { kind: "refusal", to: version, why: reasons.join("; "), modelSha256: digest } as const;
    const told = refusals.map((refusal) => line(refusal, override)).join("\n");
    const failure = `promotion of ${modelName} version ${version} to production refused:\n${told}`;
    await recordEvent(client, modelName, { ...event, ...(holder && { from: holder.version }) }, found).catch(
      (cause) => {
        throw new Error(`${failure}\n  The refusal could not be written to the history: ${cause.message}`, { cause });
      },
    );
    throw new Error(failure);
  }
  const why =
    refusals.length > 0 && override
      ? `override: ${override.reason} (refused because ${reasons.join("; ")})`
      : "the gate passed it and staging proved it";
  const provedImage = "image" in proved ? proved.image : "";
  return {
    approvedVersion: version,
    modelUri: `models:/${modelName}/${version}`,
    modelSha256: digest,
    provedImage,
    why,
  };
}

const line = ({ reason, overridable }: Refusal, override: PromotionOverride | undefined) =>
  `  - ${reason}${override && !overridable ? " (promotion.override does not count for this)" : ""}`;

async function allRefusals(client: MlflowClient, inputs: PromotionInputs, found: ModelVersion, digest: string) {
  const refusals = findRefusals(found, digest);
  if (inputs.gatePublicKey === undefined) return refusals;
  const key = verificationKey(inputs.gatePublicKey, "gatePublicKey");
  const distrusted = [
    ...(await distrustVersion(client, found, digest, key)),
    ...(await distrustProof(client, found, "staging", digest, key)),
  ];
  return [...refusals, ...distrusted.map((reason) => ({ reason, overridable: false }))];
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
  async diff(_id: string, olds: PromotionInputs, news: PromotionInputs) {
    return {
      changes: changedTask(olds, news, ["modelName", "version", "needsImage", "gatePublicKey", "override"]).length > 0,
    };
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
