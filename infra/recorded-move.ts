import type { EnvironmentName } from "../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../registry/mlflow-client.ts";
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

/** Moves callers. A failed move is recorded in the history, and its error names the registry's stage. */
export async function recordedMove(record: MoveRecord, move: () => Promise<void>): Promise<void> {
  try {
    await move();
  } catch (error) {
    const { registry, environment, modelName, version, sha256: modelSha256 } = record;
    const why = error instanceof Error ? error.message : String(error);
    const stage = await recordFailure(new MlflowClient(registry), {
      environment,
      modelName,
      version,
      modelSha256,
      why,
    });
    throw new Error(`${why}; ${stage}.`, { cause: error });
  }
}
