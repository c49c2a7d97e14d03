import { changedInputs } from "../dynamic/changed-inputs.ts";
import { changedTask } from "./changed-task.ts";
import type { EnvironmentName } from "./evidence.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getVersionByAlias } from "./model-versions.ts";
import { leaveStage, moveStage } from "./stage-move.ts";

export interface RegistryStageInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly environment: EnvironmentName;
}

const apply = ({ registry, modelName, version, environment }: RegistryStageInputs) =>
  moveStage(new MlflowClient(registry), modelName, version, environment);

export const provider = {
  async diff(_id: string, olds: RegistryStageInputs, news: RegistryStageInputs) {
    const replaces = changedInputs(olds, news, ["modelName", "environment"]);
    const changed = changedTask(olds, news, ["modelName", "environment", "version"]);
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
    await leaveStage(new MlflowClient(registry), modelName, version, environment);
  },
};
