import type * as docker from "@pulumi/docker";
import type { Input } from "@pulumi/pulumi";
import { LABEL_PREFIX } from "./engine-containers.ts";

/** Prefixes labels with this project's name. */
export const labels = (values: Readonly<Record<string, Input<string>>>): docker.types.input.ContainerLabel[] =>
  Object.entries(values).map(([name, value]) => ({ label: `${LABEL_PREFIX}${name}`, value }));

export interface Confinement {
  /** Size of /tmp, the only writable folder, megabytes. */
  readonly tmpMb: number;
  /** Memory limit, megabytes. */
  readonly memoryMb: number;
  /** CPU limit, cores. */
  readonly cpus: number;
}

/** Microseconds. Used instead of `cpus`: the provider reads some values back in another notation, which would replace the container at every update. */
const CPU_PERIOD = 100_000;

/**
 * Restrictions of every container of this project: a read-only image, no Linux capabilities, no new privileges, and limits on memory,
 * processors and logs.
 * `docker inspect` shows each of them.
 */
export const confined = ({ tmpMb, memoryMb, cpus }: Confinement) =>
  ({
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    memory: memoryMb,
    // The engine's default; unless it is set, every refresh shows a difference.
    memorySwap: 2 * memoryMb,
    cpuPeriod: CPU_PERIOD,
    cpuQuota: Math.round(cpus * CPU_PERIOD),
    tmpfs: { "/tmp": `rw,noexec,nosuid,nodev,size=${tmpMb}m` },
    restart: "unless-stopped",
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
    init: true,
    mustRun: true,
  }) satisfies Partial<docker.ContainerArgs>;
