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
  /** Version that is to go to production. */
  readonly version: pulumi.Input<string>;
  /** Whether production deploys images: then only one that staging has verified passes. */
  readonly needsImage: pulumi.Input<boolean>;
  /** PEM of the public key that the gate's verdict must be signed with; without it, unsigned verdicts count. */
  readonly gatePublicKey?: string | undefined;
  /** Lets a version pass that the guard refuses, until it expires; it is recorded. It counts for this one version only. */
  readonly override?: PromotionOverride | undefined;
}

/**
 * Production's guard: passes a version only when the gate passed and staging verified exactly its files.
 *
 * @example
 * const { approvedVersion } = new Promotion("promotion", { registry, modelName: "churn-model", version: "1", needsImage: false });
 */
export class Promotion extends LazyResource {
  /** The version, once the guard lets it pass. */
  declare readonly approvedVersion: pulumi.Output<string>;
  /** `models:/<name>/<version>`. */
  declare readonly modelUri: pulumi.Output<string>;
  /** Digest of the files that the gate judged and staging verified. */
  declare readonly modelSha256: pulumi.Output<string>;
  /** Of the MLflow run that made the version. */
  declare readonly runId: pulumi.Output<string>;
  /** Why it may go to production, for the history. */
  declare readonly why: pulumi.Output<string>;
  /** Artifact URI of the gate's report; undefined in a state that an earlier release wrote. */
  declare readonly gateReport: pulumi.Output<string | undefined>;
  /** Artifact URI of the page of the version's last gate; undefined where an earlier release judged or promoted it. */
  declare readonly reportPage: pulumi.Output<string | undefined>;
  /** Bins of the reference snapshot that the gate had; empty where it had none, undefined where an earlier release judged or promoted it. */
  declare readonly driftReference: pulumi.Output<string | undefined>;
  /** Data contract that the gate judged by, as the service takes it; undefined where it had none. */
  declare readonly dataContract: pulumi.Output<string | undefined>;
  /** The image in which staging verified it, by digest; empty where no image is needed. */
  declare readonly provedImage: pulumi.Output<string>;
  /** Artifact URI of the gate's signed statement, and the evidence behind the decision; undefined in a state that an earlier release wrote. */
  declare readonly attestation: pulumi.Output<string | undefined>;
  declare readonly promotedWith: pulumi.Output<PromotionEvidence | undefined>;
  /** What stood on the version when the guard was asked; undefined in a state that an earlier release wrote. */
  declare readonly guardedEvidence: pulumi.Output<string | undefined>;
  /** Whether production has served these very files before; undefined in a state that an earlier release wrote. */
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
