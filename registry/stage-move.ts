import { type EnvironmentName, STAGES } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, getVersionInStage, type ModelVersion } from "./model-versions.ts";

/** A planned move of an alias and a stage. Both are set: MLflow deprecated stages in 2.9, but clients of both kinds exist. */
export interface StageMove {
  /** The source of truth; it always moves. */
  readonly alias: EnvironmentName;
  /** Undefined if the stage must not change. */
  readonly stage?: "Staging" | "Production";
}

/**
 * Plans the move that makes `version` the environment's version. A version has only one stage, so a version in production keeps that stage
 * when staging serves it as well. A stage is set even if it is already correct, which removes it from versions that got it manually.
 */
export function planStageMove(version: Pick<ModelVersion, "stage">, environment: EnvironmentName): StageMove {
  if (environment === "staging" && version.stage === STAGES.production) return { alias: environment };
  return { alias: environment, stage: STAGES[environment] };
}

/** Moves stage and alias to the version. Idempotent, also after an interrupted move. */
export async function moveStage(client: MlflowClient, name: string, version: string, environment: EnvironmentName) {
  const move = planStageMove(await getModelVersion(client, name, version), environment);
  if (move.stage) await setStage(client, name, version, move.stage);
  await client.call("POST", "mlflow/registered-models/alias", {
    body: { name, alias: move.alias, version },
    idempotent: true,
  });
  if (environment === "production") await keepStaging(client, name, version);
}

/** Restores the stage of staging's version: MLflow archives a version that leaves production, even if staging still serves it. */
async function keepStaging(client: MlflowClient, name: string, promoted: string): Promise<void> {
  const holder = await getVersionByAlias(client, name, "staging");
  if (holder && holder.version !== promoted && holder.stage !== STAGES.staging)
    await setStage(client, name, holder.version, STAGES.staging);
}

const setStage = (client: MlflowClient, name: string, version: string, stage: "Staging" | "Production" | "Archived") =>
  client.call("POST", "mlflow/model-versions/transition-stage", {
    body: { name, version, stage, archive_existing_versions: stage !== "Archived" },
    idempotent: true,
  });

/** The registry's record of an environment. */
export interface StageState {
  /** Version that the alias names. */
  readonly version: string;
  /** `Staging` or `Production`; if the stage does not match the alias, a description of the mismatch. */
  readonly stage: string;
}

/** Reads alias and stage; undefined without an alias. */
export async function readStage(
  client: MlflowClient,
  name: string,
  environment: EnvironmentName,
): Promise<StageState | undefined> {
  const holder = await getVersionByAlias(client, name, environment);
  if (!holder) return undefined;
  const stage = STAGES[environment];
  const newest = await getVersionInStage(client, name, stage);
  return { version: holder.version, stage: describeStage(environment, holder, newest) };
}

/**
 * Describes the stage of an environment, as `readStage` returns it. Stacks store this text.
 * @param holder version that the alias names
 * @param newest version that clients get by stage; without it, only the holder is checked
 */
export function describeStage(
  environment: EnvironmentName,
  holder: Pick<ModelVersion, "version" | "stage">,
  newest?: Pick<ModelVersion, "version">,
): string {
  const stage = STAGES[environment];
  // See planStageMove.
  if (environment === "staging" && holder.stage === STAGES.production) return stage;
  if (holder.stage !== stage) return `version ${holder.version} is in ${holder.stage}`;
  return newest && newest.version !== holder.version ? `version ${newest.version} is in ${stage}, too` : stage;
}

/**
 * Removes stage and alias from the version, unless they belong to another version by now. The alias is removed last: while it exists, a
 * second attempt completes the removal. The stage is removed even if the alias was removed manually.
 */
export async function clearStage(
  client: MlflowClient,
  name: string,
  version: string,
  environment: EnvironmentName,
): Promise<void> {
  const aliased = await getVersionByAlias(client, name, environment);
  const holder = aliased ?? (await getVersionInStage(client, name, STAGES[environment]));
  if (holder?.version !== version) return;
  if (holder.stage === STAGES[environment]) {
    const inStaging = environment === "production" ? await getVersionByAlias(client, name, "staging") : undefined;
    await setStage(client, name, version, inStaging?.version === version ? STAGES.staging : "Archived");
  }
  if (aliased) await client.call("DELETE", "mlflow/registered-models/alias", { body: { name, alias: environment } });
}
