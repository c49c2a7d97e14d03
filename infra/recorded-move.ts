import type { EnvironmentName } from "../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../registry/mlflow-client.ts";
import { recordAttempt } from "../registry/record-attempt.ts";
import { recordFailure } from "../registry/record-failure.ts";

/** Inputs of a resource that moves callers, for the history. */
export interface MoveRecord {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files that callers should reach. */
  readonly sha256: string;
}

/**
 * Moves callers. In production, the history records that the move begins, so that an update that is cut off leaves a trace; a failed move is recorded as
 * well, and its error names the registry's stage.
 * @param undo takes a failed move back and says so in a sentence; never throws
 */
export async function recordedMove(
  record: MoveRecord,
  move: () => Promise<void>,
  undo?: () => Promise<string>,
): Promise<void> {
  const { registry, environment, modelName, version, sha256: modelSha256 } = record;
  const client = new MlflowClient(registry);
  try {
    const isRecorded = environment === "production";
    const attempt = isRecorded ? await recordAttempt(client, { modelName, version, modelSha256 }) : undefined;
    await move();
    await attempt?.end();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const why = undo ? `${message}\n${await undo()}` : message;
    const failure = { environment, modelName, version, modelSha256, why };
    throw new Error(`${why}; ${await recordFailure(client, failure)}.`, { cause: error });
  }
}
