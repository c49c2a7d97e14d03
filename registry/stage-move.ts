import { type EnvironmentName, STAGES } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, getVersionInStage, type ModelVersion } from "./model-versions.ts";

/** Aliases besides stages: MLflow deprecated stages in 2.9, clients of both kinds are about. */
export interface StageMove {
  /** The alias is the truth; it always moves. */
  readonly alias: EnvironmentName;
  /** Undefined where the stage must stay as it is. */
  readonly stage?: "Staging" | "Production";
}

/**
 * What has to move so that `version` is the one of `environment`. A version holds one stage only, so one that is in
 * production already keeps that stage when staging serves it too. A stage is set even where it is right already: that takes it
 * from versions that were given it by hand.
 */
export function planStageMove(version: Pick<ModelVersion, "stage">, environment: EnvironmentName): StageMove {
  if (environment === "staging" && version.stage === STAGES.production) return { alias: environment };
  return { alias: environment, stage: STAGES[environment] };
}

/** Moves stage and alias to the version. Doing it again, or after half of it, leads to the same. */
export async function moveStage(client: MlflowClient, name: string, version: string, environment: EnvironmentName) {
  const move = planStageMove(await getModelVersion(client, name, version), environment);
  if (move.stage) await setStage(client, name, version, move.stage);
  await client.call("POST", "mlflow/registered-models/alias", {
    body: { name, alias: move.alias, version },
    repeatable: true,
  });
  if (environment === "production") await keepStaging(client, name, version);
}

/** MLflow archives what leaves production, also where staging serves it still. */
async function keepStaging(client: MlflowClient, name: string, promoted: string): Promise<void> {
  const holder = await getVersionByAlias(client, name, "staging");
  if (holder && holder.version !== promoted && holder.stage !== STAGES.staging)
    await setStage(client, name, holder.version, STAGES.staging);
}

const setStage = (client: MlflowClient, name: string, version: string, stage: "Staging" | "Production" | "Archived") =>
  client.call("POST", "mlflow/model-versions/transition-stage", {
    body: { name, version, stage, archive_existing_versions: stage !== "Archived" },
    repeatable: true,
  });

/** What the registry holds for an environment. */
export interface StageState {
  /** Version that the alias names. */
  readonly version: string;
  /** `Staging` or `Production`; where the stage does not go with the alias, what is wrong about it. */
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
 * The stage of an environment, as `readStage` returns it.
 * @param holder version that the alias names
 * @param newest version that clients which read stages get; without it only the holder is looked at
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
 * Takes the stage, and the alias with it, from the version; leaves them alone when they are another version's by now. The alias
 * goes last: as long as it exists, a second try does the rest. If it was removed by hand, the stage is still taken back.
 */
export async function leaveStage(
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
