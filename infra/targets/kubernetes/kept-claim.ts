import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface KeptClaimArgs {
  readonly namespace: pulumi.Input<string>;
  readonly claim: pulumi.Input<string>;
  /** Namespace of the server's pods. */
  readonly wanted: string;
  /** Whether the namespace is the stack's own, and stays as well. */
  readonly ownNamespace: boolean;
}

/** Says at a `destroy` where MLflow's data are: the claim stays (retainOnDelete), and the next update has to be told of it. */
export class KeptClaim extends LazyResource {
  /** The claim, once it is known that pods reach it. */
  declare readonly claim: pulumi.Output<string>;

  constructor(name: string, args: KeptClaimArgs, opts?: pulumi.CustomResourceOptions) {
    super("KeptClaim", "./infra/targets/kubernetes/kept-claim-provider.ts", name, { ...args }, opts);
  }
}
