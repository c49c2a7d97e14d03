import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { DockerSettings } from "./docker-settings.ts";
import { labels } from "./hardening.ts";
import { KeptVolume } from "./kept-volume.ts";
import type { Kept } from "./upkeep.ts";

export interface DataVolumeOptions {
  readonly mlflow: Settings["mlflow"];
  /** `<project>/<stack>`. */
  readonly stack: string;
  readonly settings: Pick<DockerSettings, "keepData" | "host">;
  readonly kept: Kept;
}

/**
 * The volume with the registry's data. It is never replaced, whatever changes, and a destroy of the stack keeps it: the next update finds it by its name.
 * One of an earlier release, whose name ends in random digits, stays.
 */
export function dataVolume(
  name: string,
  { mlflow, stack, kept, settings: { keepData, host } }: DataVolumeOptions,
  { provider, ...opts }: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const next = mlflow.volume ?? `${stack.replace("/", "_")}_${name}`;
  const volume = new docker.Volume(
    name,
    // A replacement that is asked for (--replace, taint) does not ignore the name: it has to be the one that is in use.
    { name: mlflow.volume ?? kept.volume ?? next, labels: labels({ role: "mlflow-data", stack }) },
    {
      ...opts,
      ...(provider && { provider }),
      retainOnDelete: true,
      // Each of them would replace it.
      ignoreChanges: ["name", "labels", "driver", "driverOpts"],
    },
  );
  const inUse = volume.name.apply((actual) => mlflow.volume ?? actual);
  return new KeptVolume(
    `${name}-kept`,
    { volume: inUse, next, port: mlflow.port, keep: keepData, ...(host && { host }) },
    opts,
  ).volume;
}
