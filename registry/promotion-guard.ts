import { readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import type { ModelVersion } from "./model-versions.ts";
import { withdrawalOf } from "./withdrawal.ts";

/** A reason against a promotion. */
export interface Refusal {
  readonly reason: string;
  /** Somebody may answer for it. Nobody can for files that are not the ones that were judged, or were not judged at all. */
  readonly overridable: boolean;
}

/**
 * Why a version may not go to production; empty when it may.
 *
 * It may when the quality gate has passed these very files, staging has proved these very files, and nobody has withdrawn it.
 * @param actualSha256 digest of the version's files as they are in the registry now
 */
export function findRefusals(version: ModelVersion, actualSha256: string): Refusal[] {
  const refusals: Refusal[] = [];
  const firm = (reason: string) => refusals.push({ reason, overridable: false });
  const soft = (reason: string) => refusals.push({ reason, overridable: true });
  const withdrawn = withdrawalOf(version);
  if (withdrawn !== undefined)
    firm(`it was withdrawn: ${withdrawn}. Go back to the last good version: npm run rollback -- --stack <name>`);
  const gate = readGateEvidence(version);
  if (!gate) firm("the quality gate has not judged it: run `pulumi up -s staging` on it first");
  else {
    if (gate.verdict !== "passed") soft(`its quality gate ${gate.verdict}: ${gate.summary}`);
    if (gate.modelSha256 !== actualSha256) firm(changed("the quality gate judged", gate.modelSha256, actualSha256));
  }
  const staging = readDeploymentEvidence(version, "staging");
  if (!staging) soft("staging has not proved it: let it serve in staging first");
  else {
    if (staging.verdict !== "passed") soft(`staging could not prove it: ${staging.summary}`);
    if (staging.modelSha256 !== actualSha256) firm(changed("staging proved", staging.modelSha256, actualSha256));
  }
  return refusals;
}

const changed = (who: string, was: string, is: string) =>
  `its files are not the ones that ${who}: sha256 was ${was}, the registry now has ${is}`;
