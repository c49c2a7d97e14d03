import type { KeyObject } from "node:crypto";
import { distrustDeployment } from "./attestation/deployment-statement.ts";
import { distrust } from "./attestation/verify.ts";
import type { ModelVersion } from "./model-versions.ts";
import type { EvidenceFile, PromotionProof } from "./promotion-proof.ts";

/**
 * Returns the reasons why the signatures do not cover a version's evidence; empty when they do. Missing evidence is left to the guard,
 * because it has no signature to verify.
 * @param actualSha256 digest of the version's files in the registry now
 */
export function distrustPromotion(
  { name: modelName, version }: ModelVersion,
  actualSha256: string,
  { gate, staging, former }: PromotionProof,
  key: KeyObject,
): string[] {
  const subject = { modelName, version, modelSha256: actualSha256 };
  return [
    ...(gate
      ? distrust(
          {
            ...subject,
            evidence: gate.evidence,
            envelope: textOf(gate.attestation),
            ...("bytes" in gate.report && { report: gate.report.bytes }),
          },
          key,
        )
      : []),
    ...(staging
      ? distrustDeployment(
          {
            ...subject,
            environment: "staging",
            evidence: staging.evidence,
            envelope: textOf(staging.attestation),
            ...("bytes" in staging.report && { report: staging.report.bytes }),
          },
          key,
        )
      : // A promotion by an earlier release may name no staging evidence. The guard allows that, but no signature covers it.
        former
        ? ["signature: staging's evidence is not signed"]
        : []),
  ];
}

const textOf = (file: EvidenceFile | undefined): string | undefined =>
  file && "bytes" in file ? new TextDecoder().decode(file.bytes) : undefined;
