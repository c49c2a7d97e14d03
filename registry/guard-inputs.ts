import { isKnown } from "../dynamic/provider-inputs.ts";
import { readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import { evidenceText, MISSING_VERSION } from "./evidence-text.ts";
import { MlflowClient, type RegistryAccess } from "./mlflow-client.ts";
import { findModelVersion, type ModelVersion } from "./model-versions.ts";
import { productionText, readProductionState } from "./production-state.ts";
import { withdrawalOf } from "./withdrawal.ts";

/**
 * Inputs of the guard that do not come from the program. They are looked up at every update and preview, so that a preview shows what has
 * changed in the registry since the guard last ran.
 */
export interface RegistryInputs {
  /** Evidence recorded on the version. */
  readonly evidence?: string;
  readonly withdrawn?: string;
  /** The version in production: see productionText. */
  readonly production?: string;
  /** Id of the version's MLflow run. The output of the same name has the run that the guard last saw. */
  readonly runId?: string;
}

interface VersionInputs {
  readonly registry: RegistryAccess;
  readonly modelName: string;
  readonly version: string;
}

/**
 * Looks up the guard's inputs in the registry; empty while server or version are unknown.
 * @throws RegistryError when the registry does not respond
 */
export async function lookUpRegistryInputs({ registry, modelName, version }: VersionInputs): Promise<RegistryInputs> {
  if (!isKnown([registry, modelName, version])) return {};
  const client = new MlflowClient(registry);
  const [found, state] = await Promise.all([
    findModelVersion(client, modelName, version),
    readProductionState(client, modelName),
  ]);
  const production = productionText(state);
  if (!found) return { production, evidence: MISSING_VERSION, runId: "" };
  const withdrawn = withdrawalOf(found);
  return {
    production,
    evidence: describeEvidence(found),
    runId: found.runId,
    ...(withdrawn !== undefined && { withdrawn }),
  };
}

/** Formats a version's evidence as one line. */
export const describeEvidence = (version: ModelVersion): string =>
  `gate ${evidenceText(readGateEvidence(version))}; staging ${evidenceText(readDeploymentEvidence(version, "staging"))}`;
