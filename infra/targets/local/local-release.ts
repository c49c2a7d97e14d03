import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";

export interface LocalReleaseArgs {
  /** Name of the service, unique in its folder. */
  readonly processName: pulumi.Input<string>;
  /** Folder of its log and its identity, relative to the project's root. */
  readonly folder: pulumi.Input<string>;
  /** The process that callers are to reach: LocalService's. */
  readonly instance: pulumi.Input<string>;
  /** Version that has been verified in it. */
  readonly version: pulumi.Input<string>;
  /** Digest of the files that it must serve. */
  readonly sha256: pulumi.Input<string>;
  /** Loopback TCP port of callers. */
  readonly port: pulumi.Input<number>;
  /** Base URL for callers, without a slash at the end. */
  readonly url: pulumi.Input<string>;
  /** For the history: a move that fails is written to it. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: pulumi.Input<string>;
  /** Whether callers go back to the process before when they do not get what was verified. */
  readonly autoRollback: pulumi.Input<boolean>;
}

/** Moves callers to another process of a service without dropping a request, and ends the one before. */
export class LocalRelease extends LazyResource {
  /** Base URL for callers, once they reach the process. */
  declare readonly url: pulumi.Output<string>;

  constructor(name: string, args: LocalReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    super("LocalRelease", "./infra/targets/local/local-release-provider.ts", name, { ...args }, opts);
  }
}
