import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../dynamic/lazy-resource.ts";
import type { PromotionEvidence } from "./promotion-evidence.ts";
import type { PromotionOverride } from "./promotion-override.ts";
import type { RegistryInput } from "./registry-input.ts";

export interface PromotionArgs {
  /** Registry that holds the version and its evidence. */
  readonly registry: RegistryInput;
  /** Registered model's name. */
  readonly modelName: pulumi.Input<string>;
  /** Version to promote to production. */
  readonly version: pulumi.Input<string>;
  /** Whether production deploys images. The guard then requires an image that staging verified. */
  readonly needsImage: pulumi.Input<boolean>;
  /** Public key (PEM) that must verify the signature of the gate's verdict; without it, unsigned verdicts count. */
  readonly gatePublicKey?: string | undefined;
  /** Allows one version that the guard refuses, until the override expires. The history records it. */
  readonly override?: PromotionOverride | undefined;
}

/**
 * Production's guard: allows a version only if the gate passed and staging verified exactly its files.
 *
 * @example
 * const { approvedVersion } = new Promotion("promotion", { registry, modelName: "churn-model", version: "1", needsImage: false });
 */
export class Promotion extends LazyResource {
  /** The version, once the guard has allowed it. */
  declare readonly approvedVersion: pulumi.Output<string>;
  /** `models:/<name>/<version>`. */
  declare readonly modelUri: pulumi.Output<string>;
  /** Digest of the files that the gate judged and staging verified. */
  declare readonly modelSha256: pulumi.Output<string>;
  /** Id of the MLflow run that produced the version. */
  declare readonly runId: pulumi.Output<string>;
  /** Why the version may go to production, for the history. */
  declare readonly why: pulumi.Output<string>;
  /** Artifact URI of the gate's report; undefined in the state of an earlier release. */
  declare readonly gateReport: pulumi.Output<string | undefined>;
  /** Artifact URI of the report page of the version's last gate; undefined if an earlier release judged or promoted it. */
  declare readonly reportPage: pulumi.Output<string | undefined>;
  /** Bins of the gate's reference snapshot; empty if the gate had none, undefined if an earlier release judged or promoted the version. */
  declare readonly driftReference: pulumi.Output<string | undefined>;
  /** Data contract that the gate applied, in the service's format; undefined if it had none. */
  declare readonly dataContract: pulumi.Output<string | undefined>;
  /** The image in which staging verified the version, by digest; empty if no image is needed. */
  declare readonly provedImage: pulumi.Output<string>;
  /** Artifact URI of the gate's signed statement; undefined in the state of an earlier release. */
  declare readonly attestation: pulumi.Output<string | undefined>;
  /** Evidence behind the decision; undefined in the state of an earlier release. */
  declare readonly promotedWith: pulumi.Output<PromotionEvidence | undefined>;
  /** The version's evidence when the guard ran; undefined in the state of an earlier release. */
  declare readonly guardedEvidence: pulumi.Output<string | undefined>;
  /** Whether production has served these exact files before; undefined in the state of an earlier release. */
  declare readonly wasInProduction: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: PromotionArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      approvedVersion: undefined,
      modelUri: undefined,
      modelSha256: undefined,
      runId: undefined,
      provedImage: undefined,
      why: undefined,
      gateReport: undefined,
      reportPage: undefined,
      driftReference: undefined,
      dataContract: undefined,
      attestation: undefined,
      promotedWith: undefined,
      guardedEvidence: undefined,
      wasInProduction: undefined,
    };
    super("Promotion", "./registry/promotion-provider.ts", name, { ...args, ...outputs }, opts);
  }
}
