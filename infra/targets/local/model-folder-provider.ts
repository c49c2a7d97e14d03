import { resolve } from "node:path";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import type { ModelFolderInputs } from "./fetch-model.ts";

/** Loaded only when there is something to fetch. */
const fetchModel = async (inputs: ModelFolderInputs): Promise<string> =>
  (await import("./fetch-model.ts")).fetchModel(inputs);

/** Checks for the version's envelope: a service that verifies signatures does not start without it, and another version of the same files may have overwritten it. */
async function isSigned({ modelName: name, version, sha256, folder, gatePublicKey }: ModelFolderInputs) {
  if (gatePublicKey === undefined) return true;
  const { hasFolderEnvelope } = await import("../../../registry/attestation/folder-envelope.ts");
  return hasFolderEnvelope(resolve(folder, sha256), { name, version });
}

export const provider = defineProvider({
  async diff(_id: string, olds: ModelFolderInputs, news: ModelFolderInputs) {
    const changed = changedInputs(olds, news, ["modelName", "version", "sha256", "folder", "gatePublicKey"]);
    return { changes: changed.length > 0 || !(await isSigned(news)) };
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
});
