import { defineProvider } from "../../dynamic/define-provider.ts";
import { withLookedUp } from "../../dynamic/provider-inputs.ts";
import { changedTask } from "../../registry/registry-input.ts";
import { lookUpSurroundings, type SurroundingInputs } from "./gate-inputs.ts";
import type { QualityGateInputs, QualityGateOutputs } from "./pass-gate.ts";

/** The location of the data and the registry's password do not affect the verdict. */
const KEYS = [
  "modelName",
  "version",
  "runId",
  "policy",
  "evaluationMd5",
  "trainingMd5",
  "referenceMd5",
  "dataFormat",
  "contract",
  "signingKey",
] as const;

/** The outputs of the same names hold their values at the last verdict. */
const SURROUNDINGS = ["champion", "runtime", "evidence", "scripts"] as const;

type Inputs = QualityGateInputs & Partial<SurroundingInputs>;

/** The gate loads much code: an update that runs no gate should not. */
const passGate = async (inputs: QualityGateInputs): Promise<QualityGateOutputs> =>
  (await import("./pass-gate.ts")).passGate(inputs);

export const provider = defineProvider({
  check: (olds: Partial<Inputs>, news: QualityGateInputs) =>
    withLookedUp(news, (task) => lookUpSurroundings(task, olds)),
  async diff(_id: string, olds: QualityGateInputs & Partial<QualityGateOutputs>, news: Inputs) {
    const other = SURROUNDINGS.some((key) => news[key] !== undefined && news[key] !== olds[key]);
    return { changes: other || changedTask(olds, news, KEYS).length > 0 };
  },
  async create(inputs: QualityGateInputs) {
    return { id: inputs.modelName, outs: { ...inputs, ...(await passGate(inputs)) } };
  },
  async update(_id: string, _olds: QualityGateInputs, news: QualityGateInputs) {
    return { outs: { ...news, ...(await passGate(news)) } };
  },
  async delete() {
    // A verdict belongs to its version.
  },
});
