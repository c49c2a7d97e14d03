import { isKnown } from "../../dynamic/is-known.ts";
import { findChampion, NO_CHAMPION, NOT_COMPARED } from "../../registry/champion.ts";
import { isNotFound, isSilence } from "../../registry/errors.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { standingEvidenceText } from "../../registry/evidence-text.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getModelVersion } from "../../registry/model-versions.ts";
import { requireOwnStage } from "../../registry/stage-owner.ts";
import { runtimeName } from "../../service/predictor/runtime.ts";
import { comparesWithChampion } from "./compares-with-champion.ts";
import type { Policy } from "./policy.ts";

/**
 * Inputs of a verdict that do not come from the program: they are looked up at every update and preview. A difference from the last verdict is a
 * change that a preview shows, and makes the gate judge again.
 */
export interface SurroundingInputs {
  /** The version in production that the policy compares with. */
  readonly champion?: string;
  /** What runs the model. */
  readonly runtime: string;
  /** Evidence recorded on the version in the registry. */
  readonly evidence?: string;
  /** Of the version's MLflow run, where the program does not give it. */
  readonly runId?: string;
}

interface Task {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly policy: Policy;
  readonly runId?: string | undefined;
  /** `project/stack` that judges; undefined in a program that gives none. */
  readonly stack?: string | undefined;
}

/**
 * Looks them up. What cannot be known yet (a version that is still to be trained, a registry that is not running in a preview) is left out, and
 * changes nothing.
 * @throws Error when it is not clear what is in production
 */
export async function lookUpSurroundings(task: Task, olds: Pick<Task, "stack"> = {}): Promise<SurroundingInputs> {
  const runtime = runtimeName();
  const { registry, modelName, version, policy, stack } = task;
  if (stack !== undefined && isKnown([registry, modelName]))
    await requireOwnStage(new MlflowClient(registry), modelName, "staging", stack, olds.stack).catch(passSilence);
  if (!isKnown([registry, modelName, version, policy])) return { runtime };
  try {
    const client = new MlflowClient(registry);
    const [found, champion] = await Promise.all([
      findVersion(client, modelName, version),
      comparesWithChampion(policy) ? findChampion(client, modelName) : NOT_COMPARED,
    ]);
    return {
      runtime,
      champion: typeof champion === "string" ? champion : (champion?.text ?? NO_CHAMPION),
      evidence: found
        ? await standingEvidenceText(client, readGateEvidence(found))
        : "the registry does not have this version",
      ...(found && task.runId === undefined && { runId: found.runId }),
    };
  } catch (error) {
    if (isSilence(error)) return { runtime };
    throw error;
  }
}

/** A registry that does not answer in a preview says nothing; an update will find that out. */
const passSilence = (error: unknown) => {
  if (!isSilence(error)) throw error;
};

async function findVersion(client: MlflowClient, modelName: string, version: string) {
  try {
    return await getModelVersion(client, modelName, version);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
