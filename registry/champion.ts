import { isNotFound } from "./errors.ts";
import { DECLARED_DIGEST_TAG, readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, type ModelVersion } from "./model-versions.ts";
import { type ProductionState, readProductionState, versionInProduction } from "./production-state.ts";

/** GateEvidence.champion under a policy without a comparison. */
export const NOT_COMPARED = "not compared";
/** GateEvidence.champion when nothing was in production to compare with. */
export const NO_CHAMPION = "none";

/**
 * Formats the champion's version and digest. The text is part of the evidence and an input of the gate.
 * @param sha256 digest of the champion's files
 */
export const championText = (version: string, sha256: string): string => `version ${version}, sha256 ${sha256}`;

/** The version in production, with which a candidate is compared. */
export interface Champion {
  readonly version: ModelVersion;
  /** Digest of the files that production serves; undefined for a version that this project did not promote. */
  readonly sha256: string | undefined;
  readonly text: string;
}

/**
 * Returns the champion; undefined if nothing is in production.
 * @throws Error when alias, stage and history disagree, or when the version that they name was deleted
 */
export async function findChampion(client: MlflowClient, modelName: string): Promise<Champion | undefined> {
  const state = await readProductionState(client, modelName);
  const number = versionInProduction(state);
  return number === undefined ? undefined : readChampion(client, state, number);
}

/** @throws Error when the version was deleted */
export async function readChampion(client: MlflowClient, state: ProductionState, number: string): Promise<Champion> {
  const { modelName } = state;
  const version = await getModelVersion(client, modelName, number).catch((cause) => {
    if (!isNotFound(cause)) throw cause;
    throw new Error(
      `version ${number} of ${modelName} is in production but was deleted from the registry: there is no champion to compare a candidate with. ` +
        "Roll back to another version (npm run rollback -- --stack <name>), or take production down (pulumi destroy on the production stack)",
      { cause },
    );
  });
  const sha256 = digestInProduction(version, state);
  return { version, sha256, text: championText(number, sha256 ?? "unknown") };
}

/**
 * Returns the digest of a version's files that production serves: the one that the promotion recorded or production verified, or else the
 * one that the gate judged.
 * @throws Error when the first two disagree: one was edited, and an edit must not decide what a candidate is compared with
 */
function digestInProduction(version: ModelVersion, { modelName, move }: ProductionState): string | undefined {
  const promoted = move?.to === version.version ? move.modelSha256 : undefined;
  const verified = readDeploymentEvidence(version, "production")?.modelSha256;
  if (promoted !== undefined && verified !== undefined && promoted !== verified)
    throw new Error(
      `the registry disagrees about which files of ${modelName} version ${version.version} production serves: the history says sha256 ${promoted}, ` +
        `the version's tag production.model_sha256 says ${verified}. Run pulumi up on the production stack, which verifies what it serves and rewrites the tag. ` +
        "If that is refused, an event of the history was edited: roll back to the previous version (npm run rollback -- --stack <name> --to <version>), then promote again",
    );
  return promoted ?? verified ?? version.tags[DECLARED_DIGEST_TAG] ?? readGateEvidence(version)?.modelSha256;
}
