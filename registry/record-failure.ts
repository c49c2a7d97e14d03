import { type EnvironmentName, STAGES } from "./evidence.ts";
import { lastMove, recordEvent } from "./history.ts";
import { servedBefore } from "./history-event.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getVersionByAlias } from "./model-versions.ts";

export interface Failure {
  readonly environment: EnvironmentName;
  readonly modelName: string;
  readonly version: string;
  readonly modelSha256: string;
  readonly why: string;
}

/**
 * Records in the history that a version failed its check in production. Staging's failures are recorded only on the version.
 * Never throws, because the original failure must be reported.
 * @returns a sentence about the environment's version in the registry
 */
export async function recordFailure(client: MlflowClient, failure: Failure): Promise<string> {
  const { environment, modelName, version, modelSha256, why } = failure;
  try {
    const holder = await getVersionByAlias(client, modelName, environment);
    if (environment === "production") {
      const event = { kind: "failure", to: version, why, modelSha256 } as const;
      const from = servedBefore(await lastMove(client, modelName), holder?.version);
      await recordEvent(client, modelName, { ...event, ...(from !== undefined && from !== version && { from }) });
    }
    const stage = STAGES[environment];
    return holder ? `the registry's ${stage} is version ${holder.version}` : `the registry has no version in ${stage}`;
  } catch (error) {
    return `the failure could not be recorded in the history: ${(error as Error).message}`;
  }
}
