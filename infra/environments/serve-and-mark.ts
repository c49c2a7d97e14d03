import type * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { PromotionEvidence } from "../../registry/promotion-evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import { RegistryStage } from "../../registry/registry-stage.ts";
import { InferenceService, type PageSources } from "../components/inference-service.ts";
import { serviceApiToken } from "../load-settings.ts";
import type { Settings } from "../settings.ts";
import { type ApprovedModel, stackId, type Target } from "../targets/target.ts";

export interface Approved extends Omit<ApprovedModel, "name"> {
  /** Production on targets that deploy images: the image that staging verified. */
  readonly provedImage?: pulumi.Input<string>;
  /** For the history of production. */
  readonly why?: pulumi.Input<string>;
  readonly promotedWith?: pulumi.Input<PromotionEvidence | undefined>;
  /** Production: the evidence on the version that the guard accepted. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
  /** Staging: key that signs the result of the deployment check. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  readonly page: PageSources;
}

/** Serves an approved version, verifies it, and only then marks it in the registry. Both environments end with this. */
export function serveAndMark(
  environment: EnvironmentName,
  { modelName, mlflow, service, gatePublicKey }: Settings,
  target: Target,
  registry: RegistryInput,
  { provedImage, why, promotedWith, guardedEvidence, signingKey, page, ...model }: Approved,
) {
  const served = new InferenceService(environment, {
    target,
    registry,
    environment,
    port: service.port,
    maxLatencyMs: service.maxLatencyMs,
    gatePublicKey,
    model: { name: modelName, ...model },
    ...(provedImage !== undefined && { provedImage }),
    apiToken: serviceApiToken(),
    signingKey,
    ...(guardedEvidence !== undefined && { guardedEvidence }),
    page,
  });
  const { url, verifiedVersion, proofs } = served;
  const marked = {
    registry,
    modelName,
    version: verifiedVersion,
    environment,
    runId: model.runId,
    stack: stackId(),
    ownsRegistry: environment === "staging" && mlflow.trackingUri === undefined,
    ...(why !== undefined && { why }),
    ...(promotedWith !== undefined && { promotedWith }),
    ...(guardedEvidence !== undefined && { guardedEvidence }),
  };
  // A destroy releases the stage before it removes any part of the service, and stops if it cannot.
  const { version } = new RegistryStage(`${environment}-stage`, marked, { dependsOn: served });
  return { url, version, modelSha256: model.sha256, proofs };
}
