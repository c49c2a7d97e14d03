import type { EnvironmentName } from "../registry/evidence.ts";
import { MlflowClient, type RegistryAccess } from "../registry/mlflow-client.ts";
import { recordFailure } from "../registry/record-failure.ts";

/** What a resource that moves callers has to know for the history. */
export interface MoveRecord {
  readonly registry: RegistryAccess;
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  /** Digest of the files that callers are to be served. */
  readonly sha256: string;
}

/** Moves callers. A move that fails goes into the history, and its error says what the registry's stage is. */
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
