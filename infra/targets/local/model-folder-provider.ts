import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { defineProvider } from "../../../dynamic/define-provider.ts";
import type { ModelFolderInputs } from "./fetch-model.ts";

/** Loaded when there is something to fetch. */
const fetchModel = async (inputs: ModelFolderInputs): Promise<string> =>
  (await import("./fetch-model.ts")).fetchModel(inputs);

export const provider = defineProvider({
  async diff(_id: string, olds: ModelFolderInputs, news: ModelFolderInputs) {
    return {
      changes: changedInputs(olds, news, ["modelName", "version", "sha256", "folder", "gatePublicKey"]).length > 0,
    };
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
