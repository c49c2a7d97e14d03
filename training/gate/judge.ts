import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadModel, uploadArtifact } from "../../registry/artifacts.ts";
import { DECLARED_DIGEST_TAG, gateTags, readGateEvidence } from "../../registry/evidence.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import { getModelVersion, type ModelVersion, setVersionTags } from "../../registry/model-versions.ts";
import { getRun, logBatch } from "../../registry/runs.ts";
import { openPredictor, PredictorError } from "../../service/predictor/predictor.ts";
import { loadSnapshot, type Snapshot } from "../snapshot.ts";
import type { CheckResult } from "./check.ts";
import { type Evaluation, evaluate } from "./evaluation.ts";
import { type Policy, policySha256, runChecks } from "./policy.ts";
import { buildReport, type GateReport } from "./report.ts";
import { decide } from "./verdict.ts";

export interface GateTask {
  readonly modelName: string;
  readonly version: string;
  /** Path of the evaluation snapshot. */
  readonly evaluationData: string;
  readonly policy: Policy;
}

/**
 * Judges a registered version: downloads its files, lets them answer the evaluation snapshot, applies the policy.
 * Writes nothing. A model that does not fit its declared digest, or that cannot be run, fails the gate and is not an error.
 * @throws Error when registry or snapshot cannot be read
 */
export async function judge(client: MlflowClient, task: GateTask): Promise<GateReport> {
  const snapshot = await loadSnapshot(task.evaluationData);
  const version = await getModelVersion(client, task.modelName, task.version);
  const folder = await mkdtemp(join(tmpdir(), "gate-"));
  try {
    const model = join(folder, "model");
    const digest = await downloadModel(client, version, model);
    const changed = integrityFailure(version, digest);
    const outcome = changed ? { failure: changed } : await run(model, snapshot);
    const evaluation = "evaluation" in outcome ? outcome.evaluation : undefined;
    const checks = "failure" in outcome ? [outcome.failure] : runChecks(outcome.evaluation, task.policy);
    return buildReport({
      ...{ version, digest, snapshot, policy: task.policy, checks, decision: decide(checks), judgedAt: new Date() },
      trustedDigest: trustedDigest(version) ?? digest,
      ...(evaluation && { evaluation }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files must be those that the trainer registered and, where a gate has judged them before, those that it judged. */
export function integrityFailure(version: ModelVersion, digest: string): CheckResult | undefined {
  const declared = version.tags[DECLARED_DIGEST_TAG];
  const judged = readGateEvidence(version)?.modelSha256;
  for (const [who, was] of [
    ["the trainer registered", declared],
    ["the gate judged before", judged],
  ])
    if (was !== undefined && was !== digest)
      return {
        check: "integrity",
        passed: false,
        detail: `artifact changed: sha256 of what ${who} was ${was}, the registry now has ${digest}`,
      };
  return undefined;
}

/**
 * Digest of the files that the version had first; undefined for one that nothing was said of. It stays on the version when
 * other files fail: else they would be what the gate judged before the next time.
 */
export const trustedDigest = (version: ModelVersion): string | undefined =>
  readGateEvidence(version)?.modelSha256 ?? version.tags[DECLARED_DIGEST_TAG];

async function run(folder: string, snapshot: Snapshot): Promise<{ evaluation: Evaluation } | { failure: CheckResult }> {
  try {
    const predictor = await openPredictor(folder);
    try {
      return { evaluation: await evaluate(predictor, snapshot) };
    } finally {
      await predictor.close();
    }
  } catch (error) {
    if (!(error instanceof PredictorError)) throw error;
    const reason = error.message.replaceAll(`${folder}/`, "");
    return { failure: { check: "runs", passed: false, detail: `the model cannot be run: ${reason}` } };
  }
}

/**
 * Leaves the report's evidence in the registry: metrics and the report itself on the version's run, verdict and hashes as
 * tags of the version. A pass goes last and a failure first, so that no other evidence ever stands beside a pass.
 * @returns artifact URI of the report
 */
export async function recordEvidence(client: MlflowClient, report: GateReport): Promise<string> {
  const { model, metrics } = report;
  if (!model.runId)
    throw new Error(`${model.name} version ${model.version} has no run that its gate report could be logged to`);
  const { artifactUri } = await getRun(client, model.runId);
  const path = `gate/report-${report.judgedAt.replace(/[:.]/g, "-")}.json`;
  await uploadArtifact(client, artifactUri, path, `${JSON.stringify(report, null, 2)}\n`);
  if (metrics) {
    const named = Object.entries(metrics).map(([name, value]) => [`gate.${name}`, value]);
    await logBatch(client, model.runId, { metrics: Object.fromEntries(named) });
  }
  const uri = `${artifactUri}/${path}`;
  const { "gate.verdict": verdict = report.verdict, ...rest } = gateTags({
    verdict: report.verdict,
    summary: report.summary,
    modelSha256: model.trustedSha256,
    policySha256: policySha256(report.policy),
    evaluationMd5: report.evaluation.md5,
    report: uri,
    judgedAt: report.judgedAt,
  });
  const last = { "gate.verdict": verdict };
  await setVersionTags(client, model, verdict === "passed" ? { ...rest, ...last } : { ...last, ...rest });
  return uri;
}
