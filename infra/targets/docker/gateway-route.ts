import type * as pulumi from "@pulumi/pulumi";
import { LazyResource } from "../../../dynamic/lazy-resource.ts";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { RegistryInput } from "../../../registry/registry-input.ts";

export interface GatewayRouteArgs {
  /** Container of the gateway. */
  readonly gateway: pulumi.Input<string>;
  /** Name, on the gateway's network, of the container that callers should reach. */
  readonly upstream: pulumi.Input<string>;
  /** Port that it listens on. */
  readonly upstreamPort: pulumi.Input<number>;
  /** Verified version in that container. */
  readonly version: pulumi.Input<string>;
  /** Digest of the files that callers should reach. */
  readonly sha256: pulumi.Input<string>;
  /** For the history, which records the move. */
  readonly registry: RegistryInput;
  readonly environment: EnvironmentName;
  readonly modelName: pulumi.Input<string>;
  /** Base URL for callers. */
  readonly url: pulumi.Input<string>;
  /** Docker engine, if it is not the machine's own. */
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
