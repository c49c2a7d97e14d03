import { defineProvider } from "../../dynamic/define-provider.ts";
import { changedTask } from "../../registry/changed-task.ts";
import type { QualityGateInputs, QualityGateOutputs } from "./pass-gate.ts";

/** Where the data lies, and with which password the registry is read, changes nothing about the verdict. */
const KEYS = [
  ...([
    "modelName",
    "version",
    "runId",
    "policy",
    "evaluationMd5",
    "trainingMd5",
    "referenceMd5",
    "signingKey",
  ] as const),
] as const;

/** Judging takes much code: an update that judges nothing does not load it. */
const passGate = async (inputs: QualityGateInputs): Promise<QualityGateOutputs> =>
  (await import("./pass-gate.ts")).passGate(inputs);

export const provider = defineProvider({
  async diff(_id: string, olds: QualityGateInputs, news: QualityGateInputs) {
    return { changes: changedTask(olds, news, KEYS).length > 0 };
  },
  async create(inputs: QualityGateInputs) {
    return { id: inputs.modelName, outs: { ...inputs, ...(await passGate(inputs)) } };
  },
  async update(_id: string, _olds: QualityGateInputs, news: QualityGateInputs) {
    return { outs: { ...news, ...(await passGate(news)) } };
  },
  async delete() {
    // A verdict stays with its version.
  },
});
