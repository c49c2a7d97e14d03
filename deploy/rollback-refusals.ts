import { allRefusals } from "../registry/all-refusals.ts";
import { readGateEvidence } from "../registry/evidence.ts";
import type { MlflowClient } from "../registry/mlflow-client.ts";
import type { ModelVersion } from "../registry/model-versions.ts";
import type { Refusals } from "./rollback-plan.ts";

/**
 * As the guard will judge them. Whether a version's files are still those that were judged is left for it to see. Evidence that cannot
 * be read speaks against its own version only: the others are there to go back to all the same.
 */
export async function readRefusals(
  client: MlflowClient,
  versions: readonly ModelVersion[],
  gatePublicKey?: string,
): Promise<Refusals> {
  const judged = await Promise.all(
    versions.map(async (version): Promise<[string, string[]]> => {
      const sha256 = readGateEvidence(version)?.modelSha256 ?? "";
      const reasons = await allRefusals(client, version, sha256, gatePublicKey).then(
        (refusals) => refusals.map(({ reason }) => reason),
        (error: Error) => [`its evidence cannot be read: ${error.message}`],
      );
      return [version.version, reasons];
    }),
  );
  return new Map(judged);
}
