import { changedInputs } from "../dynamic/changed-inputs.ts";
import { defineProvider } from "../dynamic/define-provider.ts";
import { changedTask } from "./changed-task.ts";
import { isSilence } from "./errors.ts";
import { type EnvironmentName, STAGES } from "./evidence.ts";
import { lastMove, moveKind, recordEvent } from "./history.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias } from "./model-versions.ts";
import { isByOverride } from "./promotion-override.ts";
import { describeStage, leaveStage, moveStage, readStage } from "./stage-move.ts";

export interface RegistryStageInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly environment: EnvironmentName;
  readonly why?: string | undefined;
  /** Of the version's MLflow run: the same number of another run is marked anew. */
  readonly runId?: string | undefined;
}

export interface RegistryStageOutputs extends RegistryStageInputs {
  /** The stage that goes with the alias, or what is wrong about it. Absent in the state of earlier releases. */
  readonly stage?: string;
}

/**
 * Moves the stage; what that changes about production goes into the model's history, also when the update that moved it was cut
 * off before it could say so.
 */
async function apply(inputs: RegistryStageInputs): Promise<RegistryStageOutputs> {
  const { registry, modelName, version, environment, why } = inputs;
  const client = new MlflowClient(registry);
  const before = (await getVersionByAlias(client, modelName, environment))?.version;
  await moveStage(client, modelName, version, environment);
  const outputs = { ...inputs, stage: STAGES[environment] };
  if (environment !== "production") return outputs;
  const told = (await lastMove(client, modelName))?.to;
  if (before === version && told === version) return outputs;
  const from = before === version ? told : before;
  const kind = isByOverride(why) ? "override" : moveKind(from, version);
  // Said by whoever runs the update, and no input: the next update has another reason, or none.
  const reason = [process.env.PROMOTION_REASON?.trim(), why].filter(Boolean).join("; ");
  const event = { kind, to: version, why: reason, ...(from !== undefined && { from }) } as const;
  await recordEvent(client, modelName, event, await getModelVersion(client, modelName, version));
  return outputs;
}

/**
 * Whether the registry says something else than the state does: an update that was killed may have moved what no state tells of, and
 * the next one may be to go back to where the state still is.
 */
async function hasMoved({ registry, modelName, version, environment }: RegistryStageInputs): Promise<boolean> {
  try {
    const holder = await getVersionByAlias(new MlflowClient(registry), modelName, environment);
    return holder?.version !== version || describeStage(environment, holder) !== STAGES[environment];
  } catch (error) {
    // A preview shows what the state knows, also while MLflow is down: the update will start it, or fail.
    if (isSilence(error)) return false;
    throw error;
  }
}

// The first fetch of a process loads for some 50 ms. An engine that loads this module before it asks has that time to spare.
void fetch("data:,").then((answer) => answer.text());

export const provider = defineProvider({
  async diff(_id: string, olds: RegistryStageOutputs, news: RegistryStageInputs) {
    const replaces = changedInputs(olds, news, ["modelName", "environment"]);
    const changed = changedTask(olds, news, ["modelName", "environment", "version", "runId"]);
    const drifted = olds.stage !== undefined && olds.stage !== STAGES[news.environment];
    const changes = changed.length > 0 || drifted || (await hasMoved(news));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: RegistryStageInputs) {
    return { id: `${inputs.modelName}@${inputs.environment}`, outs: await apply(inputs) };
  },
  async update(id: string, _olds: RegistryStageOutputs, news: RegistryStageInputs) {
    try {
      return { outs: await apply(news) };
    } catch (error) {
      // Half of it may have happened. With id and properties the engine holds the resource for begun and not done, and the next
      // update does it anew, also when it is to be the old version again.
      const message = error instanceof Error ? error.message : String(error);
      throw Object.assign(new Error(message, { cause: error }), { id, properties: news, reasons: [message] });
    }
  },
  /** A stage that somebody moved by hand shows as drift, and so does one that does not go with its alias. */
  async read(id: string, props: RegistryStageOutputs) {
    const found = await readStage(new MlflowClient(props.registry), props.modelName, props.environment);
    return found ? { id, props: { ...props, ...found } } : { id: "", props: {} };
  },
  async delete(_id: string, { registry, modelName, version, environment }: RegistryStageInputs) {
    const client = new MlflowClient(registry);
    await leaveStage(client, modelName, version, environment).catch((cause) => {
      if (!isSilence(cause)) throw cause;
      throw new Error(
        `${modelName} version ${version} is still ${STAGES[environment]} in the registry: ${cause.message}. ` +
          "Start MLflow again (if it is staging's: pulumi up -s staging), and take production down before staging",
        { cause },
      );
    });
    if (environment === "production" && (await lastMove(client, modelName))?.to === version)
      await recordEvent(client, modelName, { kind: "removal", from: version, why: "production was taken down" });
  },
});
