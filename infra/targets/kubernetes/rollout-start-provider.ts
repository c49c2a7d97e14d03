import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import { type MoveRecord, recordMoveStart } from "../../record-move.ts";

export interface RolloutStartInputs extends MoveRecord {
  /** Image of the version, by digest. */
  readonly image: string;
}

/** Inputs that identify what goes to production: other files, or the same files as another version. */
const RELEVANT = ["modelName", "version", "sha256", "image"] as const;

export const provider = defineProvider({
  async diff(_id: string, olds: RolloutStartInputs, news: RolloutStartInputs) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: RolloutStartInputs) {
    await recordMoveStart(inputs);
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: inputs };
  },
  async update(_id: string, _olds: RolloutStartInputs, news: RolloutStartInputs) {
    await recordMoveStart(news);
    return { outs: news };
  },
  async delete() {
    // The record stays in the history.
  },
});
