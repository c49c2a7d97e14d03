import { isSilence } from "../registry/errors.ts";
import type { EnvironmentName } from "../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../registry/mlflow-client.ts";
import { recordAttempt } from "../registry/record-attempt.ts";
import { recordFailure } from "../registry/record-failure.ts";
import { requireStillApproved } from "../registry/still-approved.ts";

/** What the history records about a move of callers. */
export interface MoveRecord {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files that callers should reach. */
  readonly sha256: string;
  /** The evidence on the version that the guard accepted; undefined if only a withdrawal stops the move. */
  readonly guardedEvidence?: string | undefined;
}

/**
 * Moves callers. In production, the history records the start of the move, so that an interrupted update leaves a trace. A failed move is also recorded,
 * and its error names the version in the registry's stage.
 * @param undo reverts a failed move and describes the result in a sentence; never throws
 */
export async function recordMove(
  record: MoveRecord,
  move: () => Promise<void>,
  undo?: () => Promise<string>,
): Promise<void> {
  const { registry, environment, modelName, version, sha256: modelSha256 } = record;
  const client = new MlflowClient(registry);
  try {
    const attempt = environment === "production" ? await recordMoveStart(record) : undefined;
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
 * Rechecks that a version may go to production, and records in the history that callers are about to move to it. If the registry does not respond, callers
 * still move: the guard requires the registry for any version that is new to production. So this one has served before, and may have to serve again
 * during an outage.
 * @returns `end`, to be called after the move; undefined if the registry does not respond
 * @throws Error if the version may no longer go to production, or if the registry rejects the record
 */
export async function recordMoveStart({
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
    console.error(`the history does not record this move of callers: ${(error as Error).message}`);
    return undefined;
  }
}
