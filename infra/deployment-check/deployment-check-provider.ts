import { changedTask } from "../../registry/changed-task.ts";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryAccess } from "../../registry/mlflow-client.ts";
import type { ExpectedContainer } from "./container-proofs.ts";

export interface DeploymentCheckInputs {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
  readonly url: string;
  /** Whatever serves: another one is verified anew. */
  readonly instance: string;
  readonly maxLatencyMs: number;
  /** Undefined where it runs in no container. */
  readonly container?: ExpectedContainer;
  /** Undefined where it runs in no container, or in one that says it. */
  readonly image?: string;
  readonly apiToken?: string;
  /** PEM of an Ed25519 private key that the proof is signed with. */
  readonly signingKey?: string;
  /** Undefined where callers reach what is verified while it is. */
  readonly callersUrl?: string;
  readonly runId?: string;
}

export interface DeploymentCheckOutputs {
  readonly verifiedVersion: string;
  readonly proofs: readonly string[];
}

const RELEVANT = [
  ...(["environment", "modelName", "version", "modelSha256", "url", "instance", "maxLatencyMs"] as const),
  ...(["container", "image", "signingKey", "runId"] as const),
] as const;

/** Probing takes much code: an update that probes nothing does not load it. */
const verify = async (inputs: DeploymentCheckInputs): Promise<DeploymentCheckOutputs> =>
  (await import("./verify.ts")).verify(inputs);

export const provider = {
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
};
