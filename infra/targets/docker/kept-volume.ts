import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface KeptVolumeArgs {
  readonly volume: pulumi.Input<string>;
  /** Volume that the stack's next update after a `destroy` looks for. */
  readonly next: string;
  /** TCP port of the container that mounts it, on the engine's host. */
  readonly port: number;
  /** False: `pulumi destroy` removes the volume. */
  readonly keep: boolean;
  /** Docker engine, where it is not the machine's own. */
  readonly host?: string | undefined;
}

/**
 * What becomes of a volume with data when its stack goes. The docker provider keeps every such volume (retainOnDelete); this says where the data are, or
 * removes them where config says so, by a `destroy` and by nothing else.
 */
export class KeptVolume extends LazyResource {
  /** The volume, once it is known that no other stack's container has it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: KeptVolumeArgs, opts?: pulumi.CustomResourceOptions) {
    super("KeptVolume", "./infra/targets/docker/kept-volume-provider.ts", name, { ...args }, opts);
  }
}
