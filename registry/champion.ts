import { isNotFound } from "./errors.ts";
import { DECLARED_DIGEST_TAG, readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import type { MlflowClient } from "./mlflow-client.ts";
import { getModelVersion, type ModelVersion } from "./model-versions.ts";
import { type ProductionState, readProductionState, versionInProduction } from "./production-state.ts";

/** GateEvidence.champion under a policy that compares with no other version. */
export const NOT_COMPARED = "not compared";
/** GateEvidence.champion for a first model. */
export const NO_CHAMPION = "none";

/**
 * Names the champion by version and files. It is part of the evidence and an input of the gate.
 * @param sha256 digest of the champion's files
 */
export const championText = (version: string, sha256: string): string => `version ${version}, sha256 ${sha256}`;

/** The version a candidate is compared with. */
export interface Champion {
  readonly version: ModelVersion;
  /** Digest of the files that production serves; undefined for a version that was not promoted by this project. */
  readonly sha256: string | undefined;
  readonly text: string;
}

/**
 * Returns the version in production that a candidate is compared with; undefined if there is none.
 * @throws Error when alias, stage and history disagree, or the version that they name was deleted
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
        "Go back to another version (npm run rollback -- --stack <name>), or take production down (pulumi destroy on the production stack)",
      { cause },
    );
  });
  const sha256 = digestInProduction(version, state);
  return { version, sha256, text: championText(number, sha256 ?? "unknown") };
}

/**
 * Digest of the files that production serves of a version: what the promotion recorded and production verified, else what the gate judged.
 * @throws Error when the two disagree: one of them was edited, and an edit must not choose what a candidate is compared with
 */
function digestInProduction(version: ModelVersion, { modelName, move }: ProductionState): string | undefined {
  const promoted = move?.to === version.version ? move.modelSha256 : undefined;
  const verified = readDeploymentEvidence(version, "production")?.modelSha256;
  if (promoted !== undefined && verified !== undefined && promoted !== verified)
    throw new Error(
      `the registry disagrees about which files of ${modelName} version ${version.version} production serves: the history says sha256 ${promoted}, ` +
        `the version's tag production.model_sha256 says ${verified}. Run pulumi up on the production stack, which verifies what it serves and rewrites the tag. ` +
        "If that is refused, an event of the history was edited: go back to the version before (npm run rollback -- --stack <name> --to <version>), then promote again",
    );
  return promoted ?? verified ?? version.tags[DECLARED_DIGEST_TAG] ?? readGateEvidence(version)?.modelSha256;
}
