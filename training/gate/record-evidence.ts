import type { KeyObject } from "node:crypto";
import { sha256 } from "../../registry/artifact-digest.ts";
import { uploadArtifact } from "../../registry/artifacts.ts";
import { attest, storeAttestation } from "../../registry/attestation/store.ts";
import { GATE_VERDICT_TAG, type GateEvidence, gateTags } from "../../registry/evidence.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import { gitCommit } from "../../registry/provenance.ts";
import { type EvidenceFiles, NO_FILES, recordVerdict } from "../../registry/record-verdict.ts";
import { storeReferenceBins } from "../../registry/reference-bins.ts";
import { REPORT_PAGE, REPORT_PAGE_TAG, reportPageOf, reportUrl } from "../../registry/report-url.ts";
import { logBatch, requireActiveRun } from "../../registry/runs.ts";
import { describeVersion } from "../../registry/version-description.ts";
import type { GateReport } from "./report.ts";
import { renderPage } from "./report-page/page.ts";
import { appendJobSummary, renderSummary } from "./report-page/summary.ts";
import { versionNote } from "./report-page/version-note.ts";

/** Formats the verdict in one line. */
export const verdictSentence = ({ verdict, summary, model }: GateReport): string =>
  `quality gate ${verdict} for ${model.name} version ${model.version}: ${summary}`;

/** Returns the evidence to store as the version's tags. */
export const gateEvidence = (report: GateReport, files: EvidenceFiles = NO_FILES): GateEvidence => ({
  verdict: report.verdict,
  summary: report.summary,
  modelSha256: report.model.trustedSha256,
  policySha256: report.policySha256,
  evaluationMd5: report.evaluation.md5,
  champion: report.champion,
  runtime: report.runtime,
  judgedAt: report.judgedAt,
  ...files,
});

/**
 * Records the gate's evidence in the registry: the report (JSON and an HTML page) and its metrics on the version's run, verdict and hashes as
 * tags of the version, signed if there is a key, and the verdict in the version's description. Also adds a summary to the page of a GitHub Actions job.
 * @param signingKey Ed25519
 * @param bins of the reference snapshot, as JSON: production measures drift with them
 * @returns URIs of the report's JSON (with its page next to it as `.html`, the latest as `report.html`) and of the signature; a string explains why a
 *   verdict that is not a pass has no signature
 * @throws Error that starts with the verdict, if recording fails
 */
export async function recordEvidence(
  client: MlflowClient,
  report: GateReport,
  signingKey?: KeyObject,
  bins?: string,
): Promise<EvidenceFiles | string> {
  const recorded = await recordVerdict(client, {
    version: report.model,
    verdict: report.verdict,
    says: verdictSentence(report),
    verdictTag: GATE_VERDICT_TAG,
    tags: (files) => ({
      ...gateTags(gateEvidence(report, files)),
      ...(files && { [REPORT_PAGE_TAG]: reportPageOf(files.report) }),
    }),
    upload: () => uploadFiles(client, report, signingKey, bins),
  });
  const files = typeof recorded === "string" ? undefined : recorded;
  await describe(client, report, files);
  await appendJobSummary(renderSummary(report, files && pageUrl(client, files)));
  return recorded;
}

/** Updates the version's description. Only people read it, so a failure does not affect the verdict. */
async function describe(client: MlflowClient, report: GateReport, files: EvidenceFiles | undefined): Promise<void> {
  const { name, version } = report.model;
  await describeVersion(
    client,
    report.model,
    versionNote(report, files && reportUrl(client.trackingUri, files.report)),
  ).catch((error: Error) =>
    console.error(`the description of ${name} version ${version} in MLflow could not be updated: ${error.message}`),
  );
}

const pageUrl = ({ trackingUri }: MlflowClient, { report }: EvidenceFiles): string =>
  reportUrl(trackingUri, report) ?? report.replace(/\.json$/, ".html");

async function uploadFiles(
  client: MlflowClient,
  report: GateReport,
  key: KeyObject | undefined,
  bins: string | undefined,
): Promise<EvidenceFiles> {
  const { model, metrics } = report;
  const { artifactUri } = await requireActiveRun(client, model);
  const stamp = report.judgedAt.replace(/[:.]/g, "-");
  const path = `gate/report-${stamp}`;
  // Upload the bins before the report, which names them.
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
  const reportSha256 = sha256(json);
  const envelope = key && (await sign(report, reportSha256, key));
  return {
    report: `${artifactUri}/${path}.json`,
    reportSha256,
    attestation: envelope
      ? await storeAttestation(client, artifactUri, `gate/attestation-${stamp}.json`, envelope)
      : "",
  };
}

/** The signature covers the evaluated files: a verdict on files other than the trusted ones is never a pass. */
async function sign(report: GateReport, reportSha256: string, key: KeyObject) {
  const { model, verdict, judgedAt, evaluation, champion, runtime } = report;
  const predicate = {
    verdict,
    judgedAt,
    policySha256: report.policySha256,
    ...(report.contract && { contractSha256: report.contract.sha256 }),
    evaluationMd5: evaluation.md5,
    champion,
    runtime,
    reportSha256,
    gitCommit: await gitCommit(import.meta.dirname),
  };
  return attest({ modelName: model.name, version: model.version, modelSha256: model.sha256, predicate }, key);
}
