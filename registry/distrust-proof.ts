import type { KeyObject } from "node:crypto";
import { distrustDeployment } from "./attestation/deployment-statement.ts";
import { distrust } from "./attestation/verify.ts";
import type { ModelVersion } from "./model-versions.ts";
import type { EvidenceFile, PromotionProof } from "./promotion-proof.ts";

/**
 * Lists why the signatures do not back a version's evidence; empty when they do. Missing evidence has no signature to check: the guard reports it.
 * @param actualSha256 digest of the version's files as they are in the registry now
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
      : // A promotion of an earlier release may name none: the guard lets that pass, but no signature speaks for it.
        former
        ? ["signature: staging's proof is not signed"]
        : []),
  ];
}

const textOf = (file: EvidenceFile | undefined): string | undefined =>
  file && "bytes" in file ? new TextDecoder().decode(file.bytes) : undefined;
