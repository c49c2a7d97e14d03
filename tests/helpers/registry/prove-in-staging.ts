import { recordDeployment } from "../../../infra/deployment-check/record-deployment.ts";
import { readGateEvidence } from "../../../registry/evidence.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";

export interface StagingCheck {
  /** Digest that the service reported; the one that the gate judged, unless given. */
  readonly modelSha256?: string;
  /** Whether every proof passed. */
  readonly passed?: boolean;
  readonly image?: string;
  readonly maxLatencyMs?: number;
  /** PEM */
  readonly signingKey?: string;
}

/** Records what staging's check of a version found, as the check itself records it, without a service that runs. */
export async function proveInStaging(
  client: MlflowClient,
  name: string,
  number: string,
  { modelSha256, passed = true, image, maxLatencyMs = 100, signingKey }: StagingCheck = {},
): Promise<void> {
  const version = await getModelVersion(client, name, number);
  await recordDeployment(
    client,
    {
      registry: { trackingUri: client.trackingUri },
      environment: "staging",
      modelName: name,
      version: number,
      modelSha256: modelSha256 ?? readGateEvidence(version)?.modelSha256 ?? "",
      url: "http://127.0.0.1:1",
      instance: "1@1",
      maxLatencyMs,
      ...(image !== undefined && { image }),
      ...(signingKey !== undefined && { signingKey }),
    },
    {
      version,
      proofs: [
        { proof: "latency", passed, detail: passed ? "p95 1.0 ms <= 100 ms allowed" : "p95 120.0 ms > 100 ms allowed" },
      ],
      says: `staging's check ${passed ? "passed" : "failed"}`,
    },
  );
}
