import * as pulumi from "@pulumi/pulumi";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { getVersionByAlias } from "../../registry/model-versions.ts";
import { Promotion } from "../../registry/promotion.ts";
import { RegistryStage } from "../../registry/registry-stage.ts";
import { InferenceService } from "../components/inference-service.ts";
import { csvOnly } from "../csv-only.ts";
import { registryAccess, serviceApiToken } from "../load-settings.ts";
import type { Settings } from "../settings.ts";
import type { Target } from "../targets/target.ts";

const UNSIGNED =
  "no gatePublicKey is configured: whoever can write tags to the registry can forge a gate's verdict. " +
  "Sign verdicts with a secret gateSigningKey on staging, and set gatePublicKey here.";

/** Production: takes a version that the gate and staging have proved, serves its very files. Never trains, never builds. */
export async function production(settings: Settings, target: Target): Promise<pulumi.Inputs> {
  const { modelName, mlflow, service } = settings;
  const trackingUri = mlflow.trackingUri ?? new pulumi.StackReference(mlflow.stack ?? "").requireOutput("trackingUri");
  const registry = registryAccess(trackingUri);
  const wanted = settings.promotion.version ?? versionInProduction(registry, modelName);
  const { gatePublicKey } = settings;
  if (gatePublicKey === undefined) await pulumi.log.warn(UNSIGNED);
  const { override } = settings.promotion;
  const promotion = new Promotion("promotion", {
    ...{ registry, modelName, version: wanted, gatePublicKey, override, needsImage: target.deploysImages ?? false },
  });
  const { approvedVersion, modelSha256, why, provedImage } = promotion;
  const inference = new InferenceService("production", {
    ...{ target, registry, environment: "production", port: service.port, maxLatencyMs: service.maxLatencyMs },
    model: { name: modelName, version: approvedVersion, sha256: modelSha256 },
    gatePublicKey,
    ...(target.deploysImages && { provedImage }),
    apiToken: serviceApiToken(),
    page: {
      card: promotion.why.apply((summary) => ({ summary })),
      ...{ driftReference: csvOnly(settings.data.reference), otherUrl: service.otherUrl },
    },
  });
  const { version } = new RegistryStage("production-stage", {
    ...{ registry, modelName, version: inference.verifiedVersion, environment: "production", why },
  });
  return { trackingUri, url: inference.url, version, modelSha256, proofs: inference.proofs };
}

/** Without `promotion.version` production follows the registry: whatever it holds as Production. */
const versionInProduction = (registry: ReturnType<typeof registryAccess>, name: string): pulumi.Output<string> =>
  pulumi.output(registry).apply(async (access) => {
    const found = await getVersionByAlias(new MlflowClient(access as RegistryAccess), name, "production");
    if (found) return found.version;
    throw new Error(
      `${name} has no version in Production yet. Name the one to promote: pulumi config set --path promotion.version <version>`,
    );
  });
