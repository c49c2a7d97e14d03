import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel } from "./artifacts.ts";
import { changedTask } from "./changed-task.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion } from "./model-versions.ts";
import { refusals } from "./promotion-guard.ts";
import { readProvedImage } from "./proved-image.ts";

export interface PromotionInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  /** Whether what production deploys is an image. */
  readonly needsImage: boolean;
}

export interface PromotionOutputs {
  readonly approvedVersion: string;
  readonly modelUri: string;
  readonly modelSha256: string;
  /** The image in which staging proved it, by digest; empty where none is needed. */
  readonly provedImage: string;
}

/** Asks the guard. Throws an Error that names every reason when the version may not go to production. */
export async function promote(inputs: PromotionInputs): Promise<PromotionOutputs> {
  const { registry, modelName, version, needsImage } = inputs;
  const client = new MlflowClient(registry);
  const found = await getModelVersion(client, modelName, version);
  const folder = await mkdtemp(join(tmpdir(), "promotion-"));
  try {
    const digest = await downloadModel(client, found, join(folder, "model"));
    const proved = needsImage ? readProvedImage(found) : { image: "" };
    const reasons = [...refusals(found, digest), ...("refusal" in proved ? [proved.refusal] : [])];
    if (reasons.length > 0)
      throw new Error(
        `promotion of ${modelName} version ${version} to production refused:\n${reasons.map((why) => `  - ${why}`).join("\n")}`,
      );
    const provedImage = "image" in proved ? proved.image : "";
    return { approvedVersion: version, modelUri: `models:/${modelName}/${version}`, modelSha256: digest, provedImage };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const provider = {
  async diff(_id: string, olds: PromotionInputs, news: PromotionInputs) {
    return { changes: changedTask(olds, news, ["modelName", "version", "needsImage"]).length > 0 };
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
