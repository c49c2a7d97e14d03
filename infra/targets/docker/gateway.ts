import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { EnvironmentName } from "../../../registry/evidence.ts";
import type { DockerSettings } from "./docker-settings.ts";
import { CONFIG_FILE, GATEWAY_PORT, haproxyConfig, NO_ROUTE } from "./haproxy-config.ts";
import { confined, labels } from "./hardening.ts";
import { SERVICE_PORT } from "./inference-container.ts";
import type { KeptContainer } from "./kept-containers.ts";

/** HAProxy's own user in its official image. */
const USER = "99:99";

export interface GatewayOptions {
  readonly environment: EnvironmentName;
  /** Public port. */
  readonly port: number;
  readonly settings: DockerSettings;
  readonly network: docker.Network;
  readonly kept: KeptContainer;
}

/**
 * Describes a proxy that keeps the public port while the containers behind it change. HAProxy, because its runtime API moves traffic without
 * a reload: a reload closes idle keep-alive connections, and loses a request in flight on one of them.
 * Its configuration is on a volume, so that a restart keeps the last route.
 */
export function gateway(
  name: string,
  { environment, port, settings, network, kept }: GatewayOptions,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const volume = new docker.Volume(`${name}-gateway-config`, {}, opts);
  const start =
    `[ -s ${CONFIG_FILE} ] && exec haproxy -db -f ${CONFIG_FILE}; ` +
    'printf "%s" "$NO_ROUTE" > /tmp/none.cfg && exec haproxy -db -f /tmp/none.cfg';
  return new docker.Container(
    `${name}-gateway`,
    {
      ...confined({ tmpMb: 1, memoryMb: 128, cpus: 1 }),
      image: settings.gatewayImage,
      entrypoints: ["/bin/sh", "-c", start],
      envs: [`NO_ROUTE=${haproxyConfig(NO_ROUTE, SERVICE_PORT)}`],
      user: USER,
      networksAdvanced: [{ name: network.name }],
      ports: [{ internal: GATEWAY_PORT, external: port, ip: settings.address }],
      volumes: [{ volumeName: volume.name, containerPath: "/config" }],
      // The official image stops by SIGUSR1, which drains requests first.
      stopSignal: "SIGUSR1",
      destroyGraceSeconds: 15,
      labels: labels({ environment, role: "gateway", ...kept.labels }),
    },
    // Two containers cannot share a port.
    { ...opts, deleteBeforeReplace: true },
  );
}
