import { digestFolder } from "../../../registry/artifact-digest.ts";
import { downloadModel } from "../../../registry/artifacts.ts";
import { type EnvironmentName, readDeploymentEvidence, readGateEvidence, STAGES } from "../../../registry/evidence.ts";
import { lastMove, readHistory } from "../../../registry/history.ts";
import { MOVES } from "../../../registry/history-event.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getVersionByAlias, type ModelVersion, searchModelVersions } from "../../../registry/model-versions.ts";
import { HealthAnswer } from "../../../service/contract.ts";
import { MODEL } from "./update.ts";

const ENVIRONMENTS = ["staging", "production"] as const;

/** Returns why a version must not be marked for an environment; empty if all its evidence exists, for the same files. */
export function unproved(version: ModelVersion, environment: EnvironmentName): string[] {
  const who = `version ${version.version} is marked for ${environment}`;
  const problems: string[] = [];
  const gate = readGateEvidence(version);
  if (gate?.verdict !== "passed") problems.push(`${who}, its gate verdict is ${gate?.verdict ?? "absent"}`);
  // A production version has been verified by staging and by production.
  for (const place of environment === "production" ? ENVIRONMENTS : (["staging"] as const)) {
    const evidence = readDeploymentEvidence(version, place);
    if (evidence?.verdict !== "passed") problems.push(`${who}, ${place} has not proved it: ${evidence?.verdict}`);
    else if (evidence.modelSha256 !== gate?.modelSha256) problems.push(`${who}, ${place} proved other files`);
  }
  return problems;
}

/** Returns every wrong alias and stage. Valid at any time, also after a failed update. */
export async function wrongPromotions(client: MlflowClient): Promise<string[]> {
  const problems: string[] = [];
  const versions = await searchModelVersions(client, MODEL);
  for (const environment of ENVIRONMENTS) {
    const named = await getVersionByAlias(client, MODEL, environment);
    if (named) problems.push(...unproved(named, environment));
    for (const version of versions)
      if (version.stage === STAGES[environment]) problems.push(...unproved(version, environment));
  }
  return problems;
}

/**
 * Returns every difference from the state after a clean update: alias, stage, service and, for production, history must all name
 * `version`, and the version's files must be the judged ones.
 */
export async function notConverged(
  client: MlflowClient,
  environment: EnvironmentName,
  { version, url, folder }: { version: string; url: string; folder: string },
): Promise<string[]> {
  const problems: string[] = [];
  const expect = (what: string, actual: unknown, wanted: unknown) => {
    if (actual !== wanted) problems.push(`${what} is ${actual}, not ${wanted}`);
  };
  const named = await getVersionByAlias(client, MODEL, environment);
  expect(`alias ${environment}`, named?.version, version);
  if (named) {
    const isBoth = environment === "staging" && named.stage === STAGES.production;
    expect("stage", named.stage, isBoth ? STAGES.production : STAGES[environment]);
    const digest = await downloadModel(client, named, folder);
    expect("digest of the registered files", digest, readGateEvidence(named)?.modelSha256);
    expect("digest on disk", await digestFolder(folder), digest);
  }
  const holders = (await searchModelVersions(client, MODEL)).filter(({ stage }) => stage === STAGES[environment]);
  if (holders.some((holder) => holder.version !== version))
    problems.push(`${STAGES[environment]} is also held by ${holders.map((holder) => holder.version)}`);
  const health = HealthAnswer.parse(await (await fetch(`${url}/health`)).json());
  expect(`version that ${environment} serves`, health.version, version);
  if (environment === "production") {
    expect("last move in the history", (await lastMove(client, MODEL))?.to, version);
  }
  return problems;
}

/** Returns moves that are recorded twice: if only updates move production, consecutive moves go to different versions. */
export async function recordedTwice(client: MlflowClient): Promise<string[]> {
  const [before, last] = (await readHistory(client, MODEL)).filter(({ kind }) => MOVES.includes(kind)).slice(-2);
  return before && last && before.to === last.to ? [`the history tells the move to ${last.to} twice`] : [];
}
