import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";
import type { Served } from "./service-pod.ts";

export interface RolloutStartArgs extends Served {
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: pulumi.Input<string>;
  /** The evidence on the version that the guard accepted. */
  readonly guardedEvidence?: pulumi.Input<string | undefined>;
}

/**
 * Production: rechecks the version and records the start of the rollout before a Deployment gets another version. The guard may have run long ago, because
 * a trial comes in between, or not at all (`up --target`). Pods take the version from this resource's outputs, so none is written earlier.
 */
export class RolloutStart extends LazyResource {
  declare readonly image: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: RolloutStartArgs, opts?: pulumi.CustomResourceOptions) {
    super("RolloutStart", "./infra/targets/kubernetes/rollout-start-provider.ts", name, { ...args }, opts);
  }
}
