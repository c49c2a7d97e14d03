import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";

export interface KeptClaimArgs {
  readonly namespace: pulumi.Input<string>;
  readonly claim: pulumi.Input<string>;
  /** Namespace of the server's pods. */
  readonly wanted: string;
  /** Whether the namespace belongs to the stack, and is also kept. */
  readonly ownNamespace: boolean;
}

/** Prints on `destroy` where MLflow's data is: the claim is kept (retainOnDelete), and the next update must be configured to use it. */
export class KeptClaim extends LazyResource {
  /** The claim, known once pods can reach it. */
  declare readonly claim: pulumi.Output<string>;

  constructor(name: string, args: KeptClaimArgs, opts?: pulumi.CustomResourceOptions) {
    super("KeptClaim", "./infra/targets/kubernetes/kept-claim-provider.ts", name, { ...args }, opts);
  }
}
