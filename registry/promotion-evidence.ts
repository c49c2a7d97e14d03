/**
 * Evidence with which a version is promoted. The history keeps it, so that a rollback verifies the version by its evidence at the time,
 * even if a later trial of another policy overwrote the version's tags. All values are text, like MLflow's tags. An absent value was not
 * recorded.
 */
export interface PromotionEvidence {
  /** Digest of the files: see combineDigests. */
  readonly modelSha256?: string;
  readonly policySha256?: string;
  readonly evaluationMd5?: string;
  /** Artifact URI of the gate's report, and the digest of its bytes. */
  readonly report?: string;
  readonly reportSha256?: string;
  /** What the gate compared it with: see GateEvidence. */
  readonly champion?: string;
  readonly runtime?: string;
  /** Artifact URI of the gate's signed statement; empty without a signature. */
  readonly attestation?: string;
  readonly stagingReport?: string;
  readonly stagingReportSha256?: string;
  readonly stagingAttestation?: string;
  readonly stagingMaxLatencyMs?: string;
  /** The image in which staging verified it, by digest; `none` if it ran without one. */
  readonly image?: string;
}

/** The history run's tag for each piece of evidence. */
export const PROMOTION_EVIDENCE_TAGS = {
  modelSha256: "promotion.model_sha256",
  policySha256: "promotion.policy_sha256",
  evaluationMd5: "promotion.evaluation_md5",
  report: "promotion.report",
  reportSha256: "promotion.report_sha256",
  champion: "promotion.champion",
  runtime: "promotion.runtime",
  attestation: "promotion.attestation",
  stagingReport: "promotion.staging_report",
  stagingReportSha256: "promotion.staging_report_sha256",
  stagingAttestation: "promotion.staging_attestation",
  stagingMaxLatencyMs: "promotion.staging_max_latency_ms",
  image: "promotion.image",
} as const satisfies Readonly<Record<keyof PromotionEvidence, string>>;
