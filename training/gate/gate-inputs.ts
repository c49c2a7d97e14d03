import { isKnown } from "../../dynamic/provider-inputs.ts";
import { findChampion, NO_CHAMPION, NOT_COMPARED } from "../../registry/champion.ts";
import { isSilence } from "../../registry/errors.ts";
import { readGateEvidence } from "../../registry/evidence.ts";
import { MISSING_VERSION } from "../../registry/evidence-text.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { findModelVersion } from "../../registry/model-versions.ts";
import { requireOwnStage } from "../../registry/stage-owner.ts";
import { standingEvidence } from "../../registry/standing-evidence.ts";
import { runtimeName } from "../../service/predictor/versions.ts";
import { scriptDigests, scriptsText } from "./custom/scripts.ts";
import type { Policy } from "./policy.ts";

/**
 * Inputs of a verdict that do not come from the program: every update and preview looks them up. A difference from the last verdict shows as a
 * change in a preview, and makes the gate run again.
 */
export interface SurroundingInputs {
  /** The version in production that the policy compares with. */
  readonly champion?: string;
  /** The runtime that runs the model. */
  readonly runtime: string;
  /** Evidence recorded on the version in the registry. */
  readonly evidence?: string;
  /** Scripts of the policy's custom metrics, with their digests. Absent without custom metrics. */
  readonly scripts?: string | undefined;
  /** The version's MLflow run, if the program does not set it. */
  readonly runId?: string;
}

interface Task {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
  readonly policy: Policy;
  readonly runId?: string | undefined;
  /** `project/stack` that runs the gate; undefined if the program does not set it. */
  readonly stack?: string | undefined;
}

/**
 * Looks up the inputs. Unknown inputs (a version that is not trained yet, a registry that is not running during a preview) are left out and
 * change nothing.
 * @throws Error if the version in production is ambiguous
 */
export async function lookUpSurroundings(task: Task, olds: Pick<Task, "stack"> = {}): Promise<SurroundingInputs> {
  const { registry, modelName, version, policy, stack } = task;
  const scripts = isKnown(policy) ? scriptsText(await scriptDigests(policy)) : undefined;
  const own = { runtime: runtimeName(), ...(scripts !== undefined && { scripts }) };
  if (!isKnown([registry, modelName])) return own;
  const client = MlflowClient.forLookups(registry);
  try {
    const stage = stack === undefined ? undefined : requireOwnStage(client, modelName, "staging", stack, olds.stack);
    if (!isKnown([version, policy])) {
      await stage;
      return own;
    }
    const [, { found, evidence }, champion] = await Promise.all([
      stage,
      readEvidence(client, modelName, version),
      comparesWithChampion(policy) ? findChampion(client, modelName) : NOT_COMPARED,
    ]);
    return {
      ...own,
      champion: typeof champion === "string" ? champion : (champion?.text ?? NO_CHAMPION),
      evidence,
      ...(found && task.runId === undefined && { runId: found.runId }),
    };
  } catch (error) {
    // During a preview, a registry that does not respond is ignored; the update will report it.
    if (isSilence(error)) return own;
    throw error;
  }
}

async function readEvidence(client: MlflowClient, modelName: string, version: string) {
  const found = await findModelVersion(client, modelName, version);
  const evidence = found ? await standingEvidence(client, readGateEvidence(found)) : MISSING_VERSION;
  return { found, evidence };
}

/**
 * Whether a check of the policy compares with the version in production; the verdict is then valid against that version only. Updates
 * that run no gate need it, so this file must not load the checks.
 */
export const comparesWithChampion = ({ champion, schema }: Policy): boolean =>
  champion !== undefined || schema?.signature !== undefined;
