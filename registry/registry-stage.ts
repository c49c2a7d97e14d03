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
  /** For the history of production: why the version is there. */
  readonly why?: pulumi.Input<string> | undefined;
  /** Of the MLflow run that made the version: the same number of another run is marked again. */
  readonly runId: pulumi.Input<string>;
  /** Evidence behind the guard's decision, for the history. */
  readonly promotedWith?: pulumi.Input<PromotionEvidence | undefined>;
  /** Production: what stood on the version when the guard was asked. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
  /** `project/stack`: no other stack may move this stage. */
  readonly stack: string;
  /** Whether the registry goes down with this stack: it does not while a version is in production. */
  readonly ownsRegistry?: boolean;
}

/** Marks a version as Staging or Production in the registry, stage and alias together: the last step, after verification. */
export class RegistryStage extends LazyResource {
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: RegistryStageArgs, opts?: pulumi.CustomResourceOptions) {
    super("RegistryStage", "./registry/registry-stage-provider.ts", name, { ...args }, opts);
  }
}
