import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../../../registry/mlflow-client.ts";
import { recordFailure } from "../../../registry/record-failure.ts";
import { moveCallers, type Release } from "./move-callers.ts";
import { isAlive, parseInstance, readIdentity } from "./process-identity.ts";
import { callersFile } from "./service-slots.ts";

export interface LocalReleaseInputs extends Release {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
}

/** Moves callers; a move that fails goes into the history. */
async function release(inputs: LocalReleaseInputs): Promise<void> {
  try {
    await moveCallers(inputs);
  } catch (error) {
    const { registry, environment, modelName, version, sha256: modelSha256 } = inputs;
    const why = error instanceof Error ? error.message : String(error);
    const failure = { environment, modelName, version, modelSha256, why };
    const stage = await recordFailure(new MlflowClient(registry), failure).catch(
      (cause: Error) => `the failure could not be written to the history: ${cause.message}`,
    );
    throw new Error(`${why}; ${stage}.`, { cause: error });
  }
}

const RELEVANT = ["processName", "folder", "instance", "version", "sha256", "port", "url"] as const;

export const provider = {
  async diff(_id: string, olds: LocalReleaseInputs, news: LocalReleaseInputs) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: LocalReleaseInputs) {
    await release(inputs);
    return { id: inputs.url, outs: inputs };
  },
  async update(_id: string, _olds: LocalReleaseInputs, news: LocalReleaseInputs) {
    await release(news);
    return { outs: news };
  },
  async read(id: string, props: LocalReleaseInputs) {
    const [serving, expected] = [await readIdentity(callersFile(props)), parseInstance(props.instance)];
    const same = serving?.pid === expected?.pid && serving?.startTime === expected?.startTime;
    return serving && same && (await isAlive(serving)) ? { id, props } : { id: "", props: {} };
  },
  async delete() {
    // Callers are served until their process goes.
  },
};
