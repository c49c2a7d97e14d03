import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../registry/evidence.ts";
import type { RegistryInput } from "../../registry/registry-input.ts";
import { DeploymentCheck } from "../deployment-check/deployment-check.ts";
import { driftReference, type ReferenceSource } from "../targets/drift-bins.ts";
import type { ApprovedModel, ServicePage, Target } from "../targets/target.ts";

export interface InferenceServiceArgs {
  readonly target: Target;
  readonly environment: EnvironmentName;
  readonly registry: RegistryInput;
  /** Version to serve: an output of a gate or a guard, so that nothing unapproved can be served. */
  readonly model: ApprovedModel;
  /** TCP port that callers use. */
  readonly port: number;
  /** Maximum 95th percentile of single-row latency, milliseconds. */
  readonly maxLatencyMs: number;
  /** Production on targets that deploy images: the image that staging verified. */
  readonly provedImage?: pulumi.Input<string>;
  /** Token that callers of the service must send. */
  readonly apiToken?: pulumi.Input<string> | undefined;
  /** PEM: if set, the service starts only with files whose gate verdict is signed with the private key. */
  readonly gatePublicKey?: string | undefined;
  /** PEM of the key that signs the result of the deployment check. */
  readonly signingKey?: pulumi.Input<string> | undefined;
  /** Production: the evidence on the version that the guard accepted. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
  readonly page?: PageSources | undefined;
}

/** Inputs of the service's page. */
export interface PageSources extends Pick<ServicePage, "card" | "otherUrl" | "contract"> {
  /** Drift reference for incoming requests. */
  readonly reference?: ReferenceSource | undefined;
}

/**
 * Serves an approved model version and verifies the running service.
 *
 * @example
 * const { approvedVersion: version, modelSha256: sha256, runId } = gate;
 * const { url } = new InferenceService("staging", {
 *   target: localTarget(),
 *   registry: { trackingUri: "http://mlflow:5000" },
 *   environment: "staging",
 *   model: { name: "churn-model", version, sha256, runId },
 *   port: 8000,
 *   maxLatencyMs: 100,
 * });
 */
export class InferenceService extends pulumi.ComponentResource {
  /** Base URL for callers. */
  readonly url: pulumi.Output<string>;
  /** The version, once the running service has been verified. */
  readonly verifiedVersion: pulumi.Output<string>;
  /** What was verified, one line per check. */
  readonly proofs: pulumi.Output<string[]>;

  constructor(name: string, args: InferenceServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    // No arguments: the engine would store them as inputs, which existing stacks lack, and a target consists of functions.
    super("promotion:inference:InferenceService", name, {}, opts);
    const { target, environment, registry, model, port, maxLatencyMs, provedImage, apiToken, gatePublicKey, page } =
      args;
    const modelPackage = target.modelPackage(
      name,
      { registry, model, gatePublicKey, ...(provedImage !== undefined && { provedImage }) },
      { parent: this },
    );
    const service = target.service(
      name,
      {
        registry,
        environment,
        model,
        package: modelPackage,
        port,
        gatePublicKey,
        apiToken,
        page: page && this.page(name, args, page),
        ...(args.guardedEvidence !== undefined && { guardedEvidence: args.guardedEvidence }),
      },
      { parent: this },
    );
    const check = new DeploymentCheck(
      `${name}-check`,
      {
        registry,
        environment,
        modelName: model.name,
        version: model.version,
        modelSha256: model.sha256,
        runId: model.runId,
        ...(model.gateReport !== undefined && { gateReport: model.gateReport }),
        url: service.url,
        instance: service.instance,
        maxLatencyMs,
        ...(service.callersUrl !== undefined && { callersUrl: service.callersUrl }),
        ...(service.container && { container: service.container }),
        ...(service.image !== undefined && { image: service.image }),
        ...(apiToken && { apiToken }),
        ...(args.signingKey && { signingKey: args.signingKey }),
        ...(args.guardedEvidence !== undefined && { guardedEvidence: args.guardedEvidence }),
      },
      { parent: this },
    );
    this.url = service.release?.(check.verifiedVersion) ?? service.url;
    // Not verified until callers reach it.
    this.verifiedVersion = pulumi.all([check.verifiedVersion, this.url]).apply(([version]) => version);
    this.proofs = check.proofs;
    this.registerOutputs({ url: this.url, verifiedVersion: this.verifiedVersion, proofs: this.proofs });
  }

  private page(name: string, { model }: InferenceServiceArgs, { reference, ...page }: PageSources): ServicePage {
    if (reference?.path === undefined && reference?.ofGate === undefined) return page;
    return { ...page, driftReference: driftReference(name, reference, model.sha256, { parent: this }) };
  }
}
