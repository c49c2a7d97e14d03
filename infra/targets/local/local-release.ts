import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";

export interface LocalReleaseArgs {
  /** Name of the service, unique in its folder. */
  readonly processName: pulumi.Input<string>;
  /** Folder for its log and its identity, relative to the project's root. */
  readonly folder: pulumi.Input<string>;
  /** LocalService's process, which callers should reach. */
  readonly instance: pulumi.Input<string>;
  /** Verified version in that process. */
  readonly version: pulumi.Input<string>;
  /** Digest of the files that it must serve. */
  readonly sha256: pulumi.Input<string>;
  /** Loopback TCP port of callers. */
  readonly port: pulumi.Input<number>;
  /** Base URL for callers, without a slash at the end. */
  readonly url: pulumi.Input<string>;
  /** For the history, which records the move. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: pulumi.Input<string>;
  /** Whether callers move back to the former process if they do not get what was verified. */
  readonly autoRollback: pulumi.Input<boolean>;
}

/** Moves callers to another process of a service without dropping a request, and stops the former one. */
export class LocalRelease extends LazyResource {
  /** Base URL for callers, once they reach the process. */
  declare readonly url: pulumi.Output<string>;

  constructor(name: string, args: LocalReleaseArgs, opts?: pulumi.CustomResourceOptions) {
    super("LocalRelease", "./infra/targets/local/local-release-provider.ts", name, { ...args }, opts);
  }
}
