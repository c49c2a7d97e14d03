import { defineProvider } from "../../dynamic/define-provider.ts";
import { isKnown, withLookedUp } from "../../dynamic/provider-inputs.ts";
import { isNotFound, isSilence } from "../../registry/errors.ts";
import { readDeploymentEvidence } from "../../registry/evidence.ts";
import { MISSING_VERSION } from "../../registry/evidence-text.ts";
import { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { changedTask } from "../../registry/registry-input.ts";
import { standingEvidence } from "../../registry/standing-evidence.ts";
import type { DeploymentCheckInputs, DeploymentCheckOutputs } from "./verify.ts";

const RELEVANT = [
  "environment",
  "modelName",
  "version",
  "modelSha256",
  "url",
  "instance",
  "maxLatencyMs",
  "container",
  "image",
  "signingKey",
  "runId",
] as const;

/** The evidence recorded on the version is looked up, so that a preview shows a difference as a change. */
type Inputs = DeploymentCheckInputs & { readonly evidence?: string };

/** Loaded on demand, because probing requires a lot of code. */
const verify = async (inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> =>
  (await import("./verify.ts")).verify(inputs);

/** Reads the recorded evidence; empty if inputs are not known yet, or if the registry does not respond, as in a preview. */
async function lookUpEvidence(inputs: DeploymentCheckInputs): Promise<{ readonly evidence?: string }> {
  const { registry, modelName, version, environment } = inputs;
  if (!isKnown([registry, modelName, version])) return {};
  try {
    const client = MlflowClient.forLookups(registry);
    const found = await getModelVersion(client, modelName, version);
    return { evidence: await standingEvidence(client, readDeploymentEvidence(found, environment)) };
  } catch (error) {
    if (isSilence(error)) return {};
    if (isNotFound(error)) return { evidence: MISSING_VERSION };
    throw error;
  }
}

/** Earlier releases kept no evidence in the state: for them, only a missing pass triggers another check. */
const isStanding = (evidence: string, olds: Partial<DeploymentCheckOutputs>): boolean =>
  olds.evidence === undefined ? evidence.startsWith("passed") : evidence === olds.evidence;

export const provider = defineProvider({
  check: (_olds: object, news: DeploymentCheckInputs) => withLookedUp(news, lookUpEvidence),
  async diff(_id: string, olds: DeploymentCheckInputs & Partial<DeploymentCheckOutputs>, news: Inputs) {
    const isStale = news.evidence !== undefined && !isStanding(news.evidence, olds);
    return { changes: isStale || changedTask(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: DeploymentCheckInputs) {
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: { ...inputs, ...(await verify(inputs)) } };
  },
  async update(_id: string, _olds: DeploymentCheckInputs, news: DeploymentCheckInputs) {
    return { outs: { ...news, ...(await verify(news)) } };
  },
  async delete() {
    // The evidence stays in the registry.
  },
});
