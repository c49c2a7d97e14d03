import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface KeptVolumeArgs {
  readonly volume: pulumi.Input<string>;
  /** Volume that the stack's next update after a `destroy` will use. */
  readonly next: string;
  /** TCP port of the container that mounts it, on the engine's host. */
  readonly port: number;
  /** Whether `pulumi destroy` keeps the volume. */
  readonly keep: boolean;
  /** Docker engine, if not the machine's own. */
  readonly host?: string | undefined;
}

/**
 * Handles a data volume when its stack is destroyed. The docker provider keeps every such volume (retainOnDelete); on `destroy`, this resource prints
 * where the data is, or removes it if the config says so.
 */
export class KeptVolume extends LazyResource {
  /** The volume, known once no other stack's container uses it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: KeptVolumeArgs, opts?: pulumi.CustomResourceOptions) {
    super("KeptVolume", "./infra/targets/docker/kept-volume-provider.ts", name, { ...args }, opts);
  }
}
