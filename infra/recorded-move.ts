import { isSilence } from "../registry/errors.ts";
import type { EnvironmentName } from "../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../registry/mlflow-client.ts";
import { recordAttempt } from "../registry/record-attempt.ts";
import { recordFailure } from "../registry/record-failure.ts";
import { requireStillApproved } from "../registry/still-approved.ts";

/** Inputs of a resource that moves callers, for the history. */
export interface MoveRecord {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files that callers should reach. */
  readonly sha256: string;
  /** The evidence on the version that the guard accepted; undefined if only a withdrawal counts. */
  readonly guardedEvidence?: string | undefined;
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
    const attempt = environment === "production" ? await recordedStart(record) : undefined;
    await move();
    await attempt?.end();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const why = undo ? `${message}\n${await undo()}` : message;
    const failure = { environment, modelName, version, modelSha256, why };
    throw new Error(`${why}; ${await recordFailure(client, failure)}.`, { cause: error });
  }
}

/**
 * Asks once more whether a version may go to production, and records in the history that callers are about to move to it. Without an answer from the
 * registry, callers move all the same: the guard has just asked it about any other version, so this one served before, and may have to serve again while
 * the registry is down.
 * @returns `end`, to be called once they have moved
 * @throws Error if the version may not go to production any more, or if the registry refuses the record
 */
export async function recordedStart({
  registry,
  modelName,
  version,
  sha256: modelSha256,
  guardedEvidence,
}: MoveRecord) {
  const client = MlflowClient.forLookups(registry);
  try {
    await requireStillApproved(client, { modelName, version, guardedEvidence });
    return await recordAttempt(client, { modelName, version, modelSha256 });
  } catch (error) {
    if (!isSilence(error)) throw error;
    console.error(`the history does not record that callers move: ${(error as Error).message}`);
    return undefined;
  }
}
