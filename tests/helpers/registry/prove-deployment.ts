import { recordDeployment } from "../../../infra/deployment-check/record-deployment.ts";
import { type EnvironmentName, readGateEvidence } from "../../../registry/evidence.ts";
import type { MlflowClient } from "../../../registry/mlflow-client.ts";
import { getModelVersion } from "../../../registry/model-versions.ts";

export interface DeploymentProof {
  readonly environment?: EnvironmentName;
  /** Digest that the service reported; by default, the one that the gate judged. */
  readonly modelSha256?: string;
  /** Whether every check passed. */
  readonly passed?: boolean;
  readonly image?: string;
  readonly maxLatencyMs?: number;
  /** PEM */
  readonly signingKey?: string;
}

/** Records the result of an environment's deployment check (by default staging's), as the check does, without a running service. */
export async function proveDeployment(
  client: MlflowClient,
  name: string,
  number: string,
  { environment = "staging", modelSha256, passed = true, image, maxLatencyMs = 100, signingKey }: DeploymentProof = {},
): Promise<void> {
  const version = await getModelVersion(client, name, number);
  await recordDeployment(
    client,
    {
      registry: { trackingUri: client.trackingUri },
      environment,
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
      metrics: {},
      proofs: [
        { proof: "latency", passed, detail: passed ? "p95 1.0 ms <= 100 ms allowed" : "p95 120.0 ms > 100 ms allowed" },
      ],
      says: `${environment}'s check ${passed ? "passed" : "failed"}`,
    },
  );
}
