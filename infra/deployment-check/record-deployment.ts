import { sha256 } from "../../registry/artifact-digest.ts";
import { uploadArtifact } from "../../registry/artifacts.ts";
import { attestDeployment } from "../../registry/attestation/deployment-statement.ts";
import { signingKey } from "../../registry/attestation/envelope.ts";
import { storeAttestation } from "../../registry/attestation/store.ts";
import {
  type DeploymentEvidence,
  deploymentVerdictTag,
  environmentTags,
  readDeploymentEvidence,
} from "../../registry/evidence.ts";
import { evidenceText } from "../../registry/evidence-text.ts";
import type { MlflowClient } from "../../registry/mlflow-client.ts";
import type { ModelVersion } from "../../registry/model-versions.ts";
import { NO_IMAGE } from "../../registry/proved-image.ts";
import { type EvidenceFiles, NO_FILES, recordVerdict } from "../../registry/record-verdict.ts";
import { requireActiveRun } from "../../registry/runs.ts";
import { describeProofs, type Proof } from "./proofs.ts";
import type { DeploymentCheckInputs } from "./verify.ts";

interface Verified {
  readonly version: ModelVersion;
  readonly proofs: readonly Proof[];
  /** The gate's measurements of the verified version. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The verdict, for errors. */
  readonly says: string;
}

/**
 * Records an environment's check on a version: verdict and digests as tags, the report on the version's run, signed if there is a key.
 * @returns the evidence as text (see evidenceText) and, for a verdict other than a pass, why its report could not be recorded
 * @throws Error that begins with the verdict, when it could not be recorded
 */
export async function recordDeployment(
  client: MlflowClient,
  inputs: DeploymentCheckInputs,
  { version, proofs, metrics, says }: Verified,
): Promise<{ readonly evidence: string; readonly problem: string | undefined }> {
  const { environment, modelName, modelSha256 } = inputs;
  // Written even without a container, because this check did not verify the image of an earlier one.
  const image = inputs.container?.image ?? inputs.image ?? NO_IMAGE;
  const verifiedAt = new Date().toISOString();
  const failed = proofs.filter(({ passed }) => !passed);
  const verdict = failed.length === 0 ? "passed" : "failed";
  const described = describeProofs(failed.length > 0 ? failed : proofs);
  const tags = (files: EvidenceFiles = NO_FILES) =>
    environmentTags(environment, {
      verdict,
      summary: described.join("; "),
      modelSha256,
      verifiedAt,
      maxLatencyMs: String(inputs.maxLatencyMs),
      image,
      ...files,
    } satisfies DeploymentEvidence);
  const report = {
    format: "deployment-report/1",
    environment,
    name: modelName,
    version: inputs.version,
    modelSha256,
    verdict,
    verifiedAt,
    maxLatencyMs: inputs.maxLatencyMs,
    image,
    metrics,
    proofs,
  };
  const recorded = await recordVerdict(client, {
    version,
    verdict,
    says,
    verdictTag: deploymentVerdictTag(environment),
    tags,
    upload: async () => {
      const { artifactUri } = await requireActiveRun(client, version);
      const stamp = verifiedAt.replace(/[:.]/g, "-");
      const json = `${JSON.stringify(report, null, 2)}\n`;
      const path = `${environment}/report-${stamp}.json`;
      await uploadArtifact(client, artifactUri, path, json);
      const reportSha256 = sha256(json);
      const predicate = { environment, verdict, image, verifiedAt, reportSha256 };
      return {
        report: `${artifactUri}/${path}`,
        reportSha256,
        attestation:
          inputs.signingKey === undefined
            ? ""
            : await storeAttestation(
                client,
                artifactUri,
                `${environment}/attestation-${stamp}.json`,
                attestDeployment(
                  { modelName, version: inputs.version, modelSha256, predicate },
                  signingKey(inputs.signingKey),
                ),
              ),
      };
    },
  });
  const problem = typeof recorded === "string" ? recorded : undefined;
  const files = typeof recorded === "string" ? NO_FILES : recorded;
  return { evidence: evidenceText(readDeploymentEvidence({ tags: tags(files) }, environment)), problem };
}
