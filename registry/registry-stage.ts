import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "./evidence.ts";
import type { PromotionEvidence } from "./promotion-evidence.ts";
import type { RegistryInput } from "./registry-input.ts";

export interface RegistryStageArgs {
  readonly registry: RegistryInput;
  /** Registered model's name. */
  readonly modelName: pulumi.Input<string>;
  /** Version that the environment serves and has verified. */
  readonly version: pulumi.Input<string>;
  readonly environment: EnvironmentName;
  /** Reason for the promotion, for production's history. */
  readonly why?: pulumi.Input<string> | undefined;
  /** Id of the MLflow run that produced the version. The same version number from another run is marked again. */
  readonly runId: pulumi.Input<string>;
  /** Evidence behind the guard's decision, for the history. */
  readonly promotedWith?: pulumi.Input<PromotionEvidence | undefined>;
  /** For production: the version's evidence when the guard ran. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
  /** `project/stack` that owns the stage; no other stack may move it. */
  readonly stack: string;
  /** Whether destroying this stack also destroys the registry, which is refused while a version is in production. */
  readonly ownsRegistry?: boolean;
}

/** Marks a version as Staging or Production in the registry, by stage and alias. This is the last step, after verification. */
export class RegistryStage extends LazyResource {
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: RegistryStageArgs, opts?: pulumi.CustomResourceOptions) {
    super("RegistryStage", "./registry/registry-stage-provider.ts", name, { ...args }, opts);
  }
}
