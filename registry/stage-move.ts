import { type EnvironmentName, STAGES } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, getVersionByAlias, type ModelVersion } from "./model-versions.ts";

/** Aliases besides stages: MLflow deprecated stages in 2.9, clients of both kinds are about. */
export interface StageMove {
  /** The alias is the truth; it always moves. */
  readonly alias: EnvironmentName;
  /** Undefined where the stage must stay as it is. */
  readonly stage?: "Staging" | "Production";
}

/**
 * What has to move so that `version` is the one of `environment`. A version holds one stage only, so one that is in
 * production already keeps that stage when staging serves it too.
 */
export function planStageMove(version: Pick<ModelVersion, "stage">, environment: EnvironmentName): StageMove {
  const stage = STAGES[environment];
  if (environment === "staging" && version.stage === STAGES.production) return { alias: environment };
  return version.stage === stage ? { alias: environment } : { alias: environment, stage };
}

/** Moves stage and alias to the version. Doing it again changes nothing. */
export async function moveStage(client: MlflowClient, name: string, version: string, environment: EnvironmentName) {
  const move = planStageMove(await getModelVersion(client, name, version), environment);
  if (move.stage)
    await client.call("POST", "mlflow/model-versions/transition-stage", {
      body: { name, version, stage: move.stage, archive_existing_versions: true },
    });
  await client.call("POST", "mlflow/registered-models/alias", { body: { name, alias: move.alias, version } });
}

/**
 * Takes the alias, and the stage with it, from the version; leaves them alone when they are another version's by now.
 * @returns whether they were taken
 */
export async function leaveStage(
  client: MlflowClient,
  name: string,
  version: string,
  environment: EnvironmentName,
): Promise<boolean> {
  const holder = await getVersionByAlias(client, name, environment);
  if (holder?.version !== version) return false;
  await client.call("DELETE", "mlflow/registered-models/alias", { body: { name, alias: environment } });
  if (holder.stage === STAGES[environment])
    await client.call("POST", "mlflow/model-versions/transition-stage", {
      body: { name, version, stage: "Archived", archive_existing_versions: false },
    });
  return true;
}
