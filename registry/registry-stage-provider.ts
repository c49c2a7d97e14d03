import { defineProvider } from "../dynamic/define-provider.ts";
import { changedInputs } from "../dynamic/provider-inputs.ts";
import { isSilence } from "./errors.ts";
import { type EnvironmentName, STAGES } from "./evidence.ts";
import { lastMove, movesTo, recordEvent } from "./history.ts";
import { type HistoryEvent, moveKind, servedBefore } from "./history-event.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion } from "./model-versions.ts";
import { isInProduction, readProductionState } from "./production-state.ts";
import type { PromotionEvidence } from "./promotion-evidence.ts";
import { isByOverride } from "./promotion-override.ts";
import { evidenceOn, promotionEvidence } from "./promotion-proof.ts";
import { requireNoProduction } from "./registry-in-use.ts";
import { changedTask } from "./registry-input.ts";
import { clearStage, describeStage, moveStage, readStage } from "./stage-move.ts";
import { claimStage, newStageId, readStageOwner, releaseStage } from "./stage-owner.ts";
import { requireStillApproved } from "./still-approved.ts";

export interface RegistryStageInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly environment: EnvironmentName;
  readonly why?: string | undefined;
  /** Id of the version's MLflow run. The same version number from another run is marked again. */
  readonly runId?: string | undefined;
  /** Evidence behind the guard's decision, for the history. */
  readonly promotedWith?: PromotionEvidence | undefined;
  readonly guardedEvidence?: string | undefined;
  /** `project/stack`. Absent in the state of earlier releases, like `ownsRegistry`. */
  readonly stack?: string | undefined;
  /** Whether destroying this stack also destroys the registry. */
  readonly ownsRegistry?: boolean | undefined;
}

export interface RegistryStageOutputs extends RegistryStageInputs {
  /** The stage that belongs to the alias, or a description of the mismatch. Absent in the state of earlier releases. */
  readonly stage?: string;
}

/**
 * Moves the stage. For production, records the move in the model's history, even if an interrupted update already moved the stage without
 * recording it.
 */
async function apply(id: string, inputs: RegistryStageInputs): Promise<RegistryStageOutputs> {
  const { registry, modelName, version, environment, stack } = inputs;
  const client = new MlflowClient(registry);
  if (environment === "production") await requireStillApproved(client, inputs);
  if (stack !== undefined) await claimStage(client, modelName, environment, { stack, id });
  const before = (await getVersionByAlias(client, modelName, environment))?.version;
  await moveStage(client, modelName, version, environment);
  if (environment === "production") await recordMove(client, inputs, before);
  return { ...inputs, stage: STAGES[environment] };
}

async function recordMove(client: MlflowClient, inputs: RegistryStageInputs, before: string | undefined) {
  const { modelName, version, why, promotedWith } = inputs;
  const last = await lastMove(client, modelName);
  const recorded = last?.to;
  const evidence = promotedWith ?? standing(await getModelVersion(client, modelName, version));
  // Nothing to record, even if alias or stage were moved manually: production served this version all along.
  if (recorded === version && !hasOtherFiles(last, evidence)) return;
  const alias = before === version ? undefined : before;
  // An event of this version with other files was edited, so it does not show what was served.
  const from = recorded === version ? alias : servedBefore(last, alias);
  // Set by the person who runs the update. Not an input, because the next update has another reason, or none.
  const reason = [process.env.PROMOTION_REASON?.trim(), why].filter(Boolean).join("; ");
  await recordEvent(client, modelName, {
    kind: isByOverride(why) ? "override" : await kindOfMove(client, modelName, from, version),
    to: version,
    why: reason,
    ...evidence,
    ...(from !== undefined && { from }),
  });
}

const hasOtherFiles = (last: HistoryEvent | undefined, { modelSha256 }: PromotionEvidence) =>
  last?.modelSha256 !== undefined && modelSha256 !== undefined && last.modelSha256 !== modelSha256;

const standing = (version: ModelVersion) => promotionEvidence(evidenceOn(version));

async function kindOfMove(client: MlflowClient, modelName: string, from: string | undefined, to: string) {
  const entered = {
    from: from === undefined ? undefined : (await movesTo(client, modelName, from)).first,
    to: (await movesTo(client, modelName, to)).first,
  };
  return moveKind(from, entered);
}

/**
 * Returns whether the registry differs from the state. A killed update may have moved the stage without updating the state, and the next
 * update may have to move it back to what the state records.
 */
async function hasMoved(inputs: RegistryStageInputs): Promise<boolean> {
  const { registry, modelName, version, environment, promotedWith = {} } = inputs;
  try {
    const client = MlflowClient.forLookups(registry);
    if (environment === "production") {
      const state = await readProductionState(client, modelName);
      return !isInProduction(state, version) || hasOtherFiles(state.move, promotedWith);
    }
    const holder = await getVersionByAlias(client, modelName, environment);
    return holder?.version !== version || describeStage(environment, holder) !== STAGES[environment];
  } catch (error) {
    // While MLflow is down, a preview shows what the state records. The update will start MLflow, or fail.
    if (isSilence(error)) return false;
    throw error;
  }
}

// A process's first fetch takes about 50 ms to load. Warm it up while the engine has not called the provider yet.
void fetch("data:,").then((response) => response.text());

export const provider = defineProvider({
  async diff(_id: string, olds: RegistryStageOutputs, news: RegistryStageInputs) {
    const replaces = changedInputs(olds, news, ["modelName", "environment"]);
    const changed = changedTask(olds, news, ["modelName", "environment", "version", "runId"]);
    const drifted = olds.stage !== undefined && olds.stage !== STAGES[news.environment];
    // A renamed stack must update the registry, which names the stack that owns the stage.
    const renamed = olds.stack !== undefined && olds.stack !== news.stack;
    const changes = changed.length > 0 || drifted || renamed || (await hasMoved(news));
    return { changes, replaces, deleteBeforeReplace: true };
  },
  async create(inputs: RegistryStageInputs) {
    const id = newStageId(inputs.modelName, inputs.environment);
    return { id, outs: await apply(id, inputs) };
  },
  async update(id: string, _olds: RegistryStageOutputs, news: RegistryStageInputs) {
    try {
      return { outs: await apply(id, news) };
    } catch (error) {
      // The move may be half done. Given id and properties, the engine records a partially updated resource, and the next update
      // repeats the move, even if it moves back to the old version.
      const message = error instanceof Error ? error.message : String(error);
      throw Object.assign(new Error(message, { cause: error }), { id, properties: news, reasons: [message] });
    }
  },
  /**
   * Reports a stage as drifted if it was moved manually or does not match its alias. If the registry does not respond, keeps the state and
   * does not fail: the refresh must still discover that the server is gone, so that the update creates it again.
   */
  async read(id: string, props: RegistryStageOutputs) {
    const { registry, modelName, environment } = props;
    try {
      const found = await readStage(MlflowClient.forLookups(registry), modelName, environment);
      return found ? { id, props: { ...props, ...found } } : { id: "", props: {} };
    } catch (error) {
      if (!isSilence(error)) throw error;
      console.error(`the stage of ${modelName} in ${environment} was not refreshed: ${(error as Error).message}`);
      return { id, props };
    }
  },
  async delete(id: string, { registry, modelName, version, environment, ownsRegistry }: RegistryStageInputs) {
    const client = new MlflowClient(registry);
    try {
      const owner = await readStageOwner(client, modelName, environment);
      // This resource no longer owns the stage: it was replaced, or another stack took over.
      if (owner && owner.id !== id) return;
      if (ownsRegistry) await requireNoProduction(client);
      await clearStage(client, modelName, version, environment);
      if (environment === "production" && (await lastMove(client, modelName))?.to === version)
        await recordEvent(client, modelName, { kind: "removal", from: version, why: "production was taken down" });
      if (owner) await releaseStage(client, modelName, environment);
    } catch (cause) {
      if (!isSilence(cause)) throw cause;
      throw new Error(
        `${modelName} version ${version} is still ${STAGES[environment]} in the registry: ${(cause as Error).message}. ` +
          "Start MLflow again (if staging runs it: pulumi up -s <staging's stack>), and take production down before staging",
        { cause },
      );
    }
  },
});
