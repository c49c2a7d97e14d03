import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { digestFolder } from "../../../registry/artifact-digest.ts";
import { downloadModel } from "../../../registry/artifacts.ts";
import { MlflowClient, type RegistryAccess } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";

export interface ModelFolderInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly sha256: string;
  /** Folder of model folders, relative to the project's root. */
  readonly folder: string;
}

/** Puts the version's files into a folder named by their digest, and refuses files of any other digest. */
async function fetchModel({ registry, modelName, version, sha256, folder }: ModelFolderInputs): Promise<string> {
  const target = join(folder, sha256);
  const place = resolve(target);
  if ((await digestFolder(place).catch(() => "")) === sha256) return target;
  const client = new MlflowClient(registry);
  const actual = await downloadModel(client, await getModelVersion(client, modelName, version), place);
  if (actual === sha256) return target;
  await rm(place, { recursive: true, force: true });
  throw new Error(
    `${modelName} version ${version}: its files changed after they were approved: ` +
      `sha256 ${sha256} was approved, the registry now has ${actual}`,
  );
}

export const provider = {
  async diff(_id: string, olds: ModelFolderInputs, news: ModelFolderInputs) {
    return { changes: changedInputs(olds, news, ["modelName", "version", "sha256", "folder"]).length > 0 };
  },
  async create(inputs: ModelFolderInputs) {
    return { id: inputs.modelName, outs: { ...inputs, path: await fetchModel(inputs) } };
  },
  async update(_id: string, _olds: ModelFolderInputs, news: ModelFolderInputs) {
    return { outs: { ...news, path: await fetchModel(news) } };
  },
  async delete() {
    // Another stack may serve the same files: the folder is a cache and stays.
  },
};
