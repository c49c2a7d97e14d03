import { defineProvider } from "../../dynamic/define-provider.ts";
import { changedTask } from "../../registry/changed-task.ts";
import type { DeploymentCheckInputs, DeploymentCheckOutputs } from "./verify.ts";

const RELEVANT = [
  ...(["environment", "modelName", "version", "modelSha256", "url", "instance", "maxLatencyMs"] as const),
  ...(["container", "image", "signingKey", "runId"] as const),
] as const;

/** Probing takes much code: an update that probes nothing does not load it. */
const verify = async (inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> =>
  (await import("./verify.ts")).verify(inputs);

export const provider = defineProvider({
  async diff(_id: string, olds: DeploymentCheckInputs, news: DeploymentCheckInputs) {
    return { changes: changedTask(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: DeploymentCheckInputs) {
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: { ...inputs, ...(await verify(inputs)) } };
  },
  async update(_id: string, _olds: DeploymentCheckInputs, news: DeploymentCheckInputs) {
    return { outs: { ...news, ...(await verify(news)) } };
  },
  async delete() {
    // What was proved stays in the registry.
  },
});
