import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";

export interface GatewayRouteArgs {
  /** Container of the gateway. */
  readonly gateway: pulumi.Input<string>;
  /** Name, on the gateway's network, of the container that callers are to reach. */
  readonly upstream: pulumi.Input<string>;
  /** Port that it listens on. */
  readonly upstreamPort: pulumi.Input<number>;
  /** Version that has been verified in it. */
  readonly version: pulumi.Input<string>;
  /** Digest of the files that callers are to be served. */
  readonly sha256: pulumi.Input<string>;
  /** For the history: a move that fails is written to it. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: pulumi.Input<string>;
  /** Base URL for callers. */
  readonly url: pulumi.Input<string>;
  /** Docker engine, where it is not the machine's own. */
  readonly host?: pulumi.Input<string> | undefined;
}

/** Moves a gateway's traffic to another container, without dropping a request. */
export class GatewayRoute extends LazyResource {
  /** Base URL for callers, once they reach the container. */
  declare readonly url: pulumi.Output<string>;
  /** Version that callers reach. */
  declare readonly version: pulumi.Output<string>;

  constructor(name: string, args: GatewayRouteArgs, opts?: pulumi.CustomResourceOptions) {
    super("GatewayRoute", "./infra/targets/docker/gateway-route-provider.ts", name, { ...args }, opts);
  }
}
