import type * as docker from "@pulumi/docker";
import type { Input } from "@pulumi/pulumi";
import { LABEL_PREFIX } from "./seen-containers.ts";

/** Names a thing that this program made, and for which stack. */
export const labels = (values: Readonly<Record<string, Input<string>>>): docker.types.input.ContainerLabel[] =>
  Object.entries(values).map(([name, value]) => ({ label: `${LABEL_PREFIX}${name}`, value }));

export interface Confinement {
  /** Size of /tmp, the only place that can be written to, megabytes. */
  readonly tmpMb: number;
  /** Most memory, megabytes. */
  readonly memoryMb: number;
  /** Most processor time, cores. */
  readonly cpus: number;
}

/** Microseconds. The provider reads `cpus` back as another text for some numbers, which would replace the container at every update. */
const CPU_PERIOD = 100_000;

/**
 * What every container of ours gives up: writing to its image, Linux capabilities, new privileges, endless memory,
 * processors and logs.
 * Each can be seen in a container's `docker inspect`.
 */
export const confined = ({ tmpMb, memoryMb, cpus }: Confinement) =>
  ({
    readOnly: true,
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    memory: memoryMb,
    // Without it every refresh shows a difference: the engine sets twice the memory itself.
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
