import * as pulumi from "@pulumi/pulumi";
import { formatOf } from "../../data/reader/data-format.ts";
import type { PromotionInputs } from "../../registry/evaluate-guard.ts";
import { MlflowClient, type RegistryAccess } from "../../registry/mlflow-client.ts";
import { readProductionState, versionInProduction as versionNamedByAll } from "../../registry/production-state.ts";
import { Promotion } from "../../registry/promotion.ts";
import { isByOverride } from "../../registry/promotion-override.ts";
import { cardReportUrl } from "../../registry/report-url.ts";
import { addedOutput } from "../added-output.ts";
import { registryAccess } from "../load-settings.ts";
import type { Target } from "../targets/target.ts";
import { serveAndMark } from "./serve-and-mark.ts";
import type { CompleteSettings } from "./staging-stack.ts";

/** Two lines, because Pulumi also shows the first beside the stack. */
const UNSIGNED =
  "signatures are not checked\nno gatePublicKey is configured: anyone who can write tags to the registry can forge a gate's verdict. " +
  "Sign verdicts with a secret gateSigningKey on staging, and set gatePublicKey here.";

/** Production: serves exactly the files that the gate passed and staging verified. Never trains, never builds. */
export async function production({ settings, trackingUri }: CompleteSettings, target: Target): Promise<pulumi.Inputs> {
  const { modelName } = settings;
  const registry = registryAccess(trackingUri);
  const wanted = settings.promotion.version ?? versionInProduction(registry, modelName);
  const { gatePublicKey } = settings;
  if (gatePublicKey === undefined) await pulumi.log.warn(UNSIGNED);
  const { override } = settings.promotion;
  const request = {
    registry,
    modelName,
    version: wanted,
    gatePublicKey,
    override,
    needsImage: target.deploysImages ?? false,
  };
  const promotion = new Promotion("promotion", request);
  if (pulumi.runtime.isDryRun()) previewGuard(pulumi.output(request), promotion);
  const { approvedVersion, modelSha256, runId, why, provedImage, gateReport, attestation, promotedWith } = promotion;
  const reportPage = addedOutput(approvedVersion, promotion.reportPage);
  const guardedEvidence = addedOutput(approvedVersion, promotion.guardedEvidence);
  const served = serveAndMark("production", settings, target, registry, {
    version: approvedVersion,
    sha256: modelSha256,
    runId,
    why,
    gateReport,
    attestation,
    promotedWith,
    guardedEvidence,
    wasInProduction: addedOutput(approvedVersion, promotion.wasInProduction),
    ...(target.deploysImages && { provedImage }),
    page: {
      // A version that failed its gate passes the guard only by an override, which is then the summary.
      card: pulumi.all([why, trackingUri, gateReport, reportPage]).apply(([summary, uri, report = "", page]) => ({
        summary,
        ...(!isByOverride(summary) && { verdict: "passed" }),
        reportUrl: cardReportUrl(uri, report, page),
      })),
      reference: {
        ofGate: addedOutput(approvedVersion, promotion.driftReference),
        path: settings.data.reference,
        format: formatOf(settings.data),
      },
      otherUrl: settings.service.otherUrl,
      // Only if the key is set: the version's contract is known too late to leave the variables of services without one unchanged.
      ...(settings.service.contract && {
        contract: {
          text: addedOutput(approvedVersion, promotion.dataContract).apply((contract = "") => contract),
          mode: settings.service.contract,
        },
      }),
    },
  });
  // Outputs that `npm run rollback` reads.
  return { trackingUri, modelName, ...(gatePublicKey !== undefined && { gatePublicKey }), ...served };
}

/** Consults the guard in a preview, where no dynamic provider runs. */
function previewGuard(request: pulumi.Output<unknown>, promotion: Promotion): void {
  request.apply(async (inputs) => {
    // Loaded only here, so that an update does not pay for it.
    const { expectedRefusal } = await import("../../registry/evaluate-guard.ts");
    const line = await expectedRefusal(inputs as PromotionInputs);
    if (line) await pulumi.log.warn(line, promotion);
  });
}

/** Without `promotion.version`, production follows the registry's Production version. */
const versionInProduction = (registry: ReturnType<typeof registryAccess>, name: string): pulumi.Output<string> =>
  pulumi.output(registry).apply(async (access) => {
    const state = await readProductionState(new MlflowClient(access as RegistryAccess), name);
    // In MLflow's UI, people promote by moving the alias. Without an alias, stage and history must not name a version either.
    const version = state.alias ?? versionNamedByAll(state);
    if (version !== undefined) return version;
    throw new pulumi.RunError(
      `${name} has no version in Production yet. Name the one to promote: pulumi config set --path promotion.version <version>`,
    );
  });
