import { verificationKey } from "../registry/attestation/envelope.ts";
import { DECLARED_DIGEST_TAG, readGateEvidence } from "../registry/evidence.ts";
import { bestWay, readCase } from "../registry/guard-case.ts";
import { movesTo } from "../registry/history.ts";
import type { MlflowClient } from "../registry/mlflow-client.ts";
import type { ModelVersion } from "../registry/model-versions.ts";
import type { Refusals } from "./rollback-plan.ts";

/**
 * Returns the reasons that the guard will have against each version. Only the guard checks whether a version's files are still the promoted ones.
 * Unreadable evidence rules out only its own version.
 */
export async function readRefusals(
  client: MlflowClient,
  versions: readonly ModelVersion[],
  gatePublicKey?: string,
): Promise<Refusals> {
  const key = gatePublicKey === undefined ? undefined : verificationKey(gatePublicKey, "gatePublicKey");
  const reasonsByVersion = await Promise.all(
    versions.map(async (version): Promise<[string, string[]]> => {
      const reasons = await expectedDigest(client, version)
        .then((sha256) => readCase(client, version, sha256))
        .then(
          (asked) => bestWay(asked, key).refusals.map(({ reason }) => reason),
          (error: Error) => [`its evidence cannot be read: ${error.message}`],
        );
      return [version.version, reasons];
    }),
  );
  return new Map(reasonsByVersion);
}

/** Digest that the version's files had when it was promoted, judged or registered. */
async function expectedDigest(client: MlflowClient, version: ModelVersion): Promise<string> {
  const { last } = await movesTo(client, version.name, version.version);
  return last?.modelSha256 ?? readGateEvidence(version)?.modelSha256 ?? version.tags[DECLARED_DIGEST_TAG] ?? "";
}
