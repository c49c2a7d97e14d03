import { changedInputs } from "../dynamic/changed-inputs.ts";
import { changedTask } from "./changed-task.ts";
import type { EnvironmentName } from "./evidence.ts";
import { moveKind, recordEvent } from "./history.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "./model-versions.ts";
import { isByOverride } from "./promotion-override.ts";
import { leaveStage, moveStage } from "./stage-move.ts";

export interface RegistryStageInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly environment: EnvironmentName;
  readonly why?: string | undefined;
  /** Of the version's MLflow run: the same number of another run is marked anew. */
  readonly runId?: string | undefined;
}

/** Moves the stage; what that changes about production goes into the model's history. */
async function apply({ registry, modelName, version, environment, why }: RegistryStageInputs): Promise<void> {
  const client = new MlflowClient(registry);
  const before = (await getVersionByAlias(client, modelName, environment))?.version;
  await moveStage(client, modelName, version, environment);
  if (environment !== "production" || before === version) return;
  const kind = isByOverride(why) ? "override" : moveKind(before, version);
  // Said by whoever runs the update, and no input: the next update has another reason, or none.
  const told = [process.env.PROMOTION_REASON?.trim(), why].filter(Boolean).join("; ");
  const event = { kind, to: version, why: told, ...(before !== undefined && { from: before }) } as const;
  await recordEvent(client, modelName, event, await getModelVersion(client, modelName, version));
}

export const provider = {
  async diff(_id: string, olds: RegistryStageInputs, news: RegistryStageInputs) {
    const replaces = changedInputs(olds, news, ["modelName", "environment"]);
    const changed = changedTask(olds, news, ["modelName", "environment", "version", "runId"]);
    return { changes: changed.length > 0, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: RegistryStageInputs) {
    await apply(inputs);
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: inputs };
  },
  async update(_id: string, _olds: RegistryStageInputs, news: RegistryStageInputs) {
    await apply(news);
    return { outs: news };
  },
  /** A stage that somebody moved by hand shows as drift. */
  async read(id: string, props: RegistryStageInputs) {
    const holder = await getVersionByAlias(new MlflowClient(props.registry), props.modelName, props.environment);
    return holder ? { id, props: { ...props, version: holder.version } } : { id: "", props: {} };
  },
  async delete(_id: string, { registry, modelName, version, environment }: RegistryStageInputs) {
    const client = new MlflowClient(registry);
    const left = await leaveStage(client, modelName, version, environment);
    if (left && environment === "production")
      await recordEvent(client, modelName, { kind: "removal", from: version, why: "production was taken down" });
  },
};
