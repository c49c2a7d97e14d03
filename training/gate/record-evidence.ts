import type { KeyObject } from "node:crypto";
import { sha256 } from "../../registry/artifact-digest.ts";
import { uploadArtifact } from "../../registry/artifacts.ts";
import { ATTESTATION_TAG, attest, storeAttestation } from "../../registry/attestation/store.ts";
import { gateTags, verdictInOrder } from "../../registry/evidence.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import { setVersionTags } from "../../registry/model-versions.ts";
import { storeReferenceBins } from "../../registry/reference-bins.ts";
import { REPORT_PAGE, REPORT_PAGE_TAG, reportUrl } from "../../registry/report-url.ts";
import { getRun, logBatch } from "../../registry/runs.ts";
import { gitCommit } from "../git-commit.ts";
import { policySha256 } from "./policy.ts";
import type { GateReport } from "./report.ts";
import { renderPage } from "./report-page/page.ts";
import { appendJobSummary, renderSummary } from "./report-page/summary.ts";

/**
 * Leaves the report's evidence in the registry: metrics and the report itself (JSON and an HTML page) on the version's run,
 * verdict and hashes as tags of the version, signed when there is a key; and a summary on the page of a GitHub Actions job.
 * @param signingKey Ed25519
 * @param bins of the reference snapshot, as JSON: production shows the drift from them
 * @returns artifact URI of the report's JSON; the page stands beside it, as `.html`, and that of the last gate as `report.html`
 */
export async function recordEvidence(
  client: MlflowClient,
  report: GateReport,
  signingKey?: KeyObject,
  bins?: string,
): Promise<string> {
  const { model, metrics } = report;
  if (!model.runId)
    throw new Error(`${model.name} version ${model.version} has no run that its gate report could be logged to`);
  const { artifactUri } = await getRun(client, model.runId);
  const stamp = report.judgedAt.replace(/[:.]/g, "-");
  const path = `gate/report-${stamp}`;
  // Before the report, which names them.
  const referenceBins = bins === undefined ? null : await storeReferenceBins(client, artifactUri, bins);
  const json = `${JSON.stringify({ ...report, referenceBins }, null, 2)}\n`;
  await uploadArtifact(client, artifactUri, `${path}.json`, json);
  if (metrics) {
    const named = Object.entries(metrics).map(([name, value]) => [`gate.${name}`, value]);
    await logBatch(client, model.runId, { metrics: Object.fromEntries(named) });
  }
  const page = await renderPage(report);
  await uploadArtifact(client, artifactUri, `${path}.html`, page);
  await uploadArtifact(client, artifactUri, REPORT_PAGE, page);
  const attestation = signingKey && (await sign(report, json, signingKey));
  const attestationUri = attestation
    ? await storeAttestation(client, artifactUri, `gate/attestation-${stamp}.json`, attestation)
    : "";
  const uri = `${artifactUri}/${path}.json`;
  const evidence = gateTags({
    verdict: report.verdict,
    summary: report.summary,
    modelSha256: model.trustedSha256,
    policySha256: policySha256(report.policy),
    evaluationMd5: report.evaluation.md5,
    report: uri,
    judgedAt: report.judgedAt,
  });
  const tags = {
    ...evidence,
    [ATTESTATION_TAG]: attestationUri,
    [REPORT_PAGE_TAG]: `${artifactUri}/${REPORT_PAGE}`,
  };
  await setVersionTags(client, model, verdictInOrder(tags, "gate.verdict", report.verdict));
  await appendJobSummary(renderSummary(report, reportUrl(client.trackingUri, uri) ?? `${artifactUri}/${path}.html`));
  return uri;
}

/** Signed are the files that were judged: a verdict on other files than the trusted ones never is a pass. */
async function sign(report: GateReport, json: string, key: KeyObject) {
  const { model, verdict, judgedAt, evaluation } = report;
  const predicate = {
    ...{ verdict, judgedAt, policySha256: report.policySha256, evaluationMd5: evaluation.md5 },
    ...{ reportSha256: sha256(json), gitCommit: await gitCommit(import.meta.dirname) },
  };
  return attest({ modelName: model.name, version: model.version, modelSha256: model.sha256, predicate }, key);
}
