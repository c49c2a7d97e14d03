import { readDeploymentEvidence, readGateEvidence } from "./evidence.ts";
import type { ModelVersion } from "./model-versions.ts";

/**
 * Why a version may not go to production; empty when it may.
 *
 * It may when the quality gate has passed these very files and staging has proved these very files.
 * @param actualSha256 digest of the version's files as they are in the registry now
 */
export function refusals(version: ModelVersion, actualSha256: string): string[] {
  const reasons: string[] = [];
  const gate = readGateEvidence(version);
  if (!gate) reasons.push("the quality gate has not judged it: run `pulumi up -s staging` on it first");
  else {
    if (gate.verdict !== "passed") reasons.push(`its quality gate ${gate.verdict}: ${gate.summary}`);
    if (gate.modelSha256 !== actualSha256)
      reasons.push(changed("the quality gate judged", gate.modelSha256, actualSha256));
  }
  const staging = readDeploymentEvidence(version, "staging");
  if (!staging) reasons.push("staging has not proved it: let it serve in staging first");
  else {
    if (staging.verdict !== "passed") reasons.push(`staging could not prove it: ${staging.summary}`);
    if (staging.modelSha256 !== actualSha256)
      reasons.push(changed("staging proved", staging.modelSha256, actualSha256));
  }
  return reasons;
}

const changed = (who: string, was: string, is: string) =>
  `its files are not the ones that ${who}: sha256 was ${was}, the registry now has ${is}`;
