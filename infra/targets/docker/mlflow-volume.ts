import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { DockerSettings } from "./docker-settings.ts";
import { labels } from "./hardening.ts";
import type { KeptContainer } from "./kept-containers.ts";
import { KeptVolume } from "./kept-volume.ts";

export interface DataVolumeOptions {
  readonly mlflow: Settings["mlflow"];
  /** `<project>/<stack>`. */
  readonly stack: string;
  readonly settings: Pick<DockerSettings, "keepData" | "host">;
  readonly kept: KeptContainer;
}

/**
 * Describes the volume with the registry's data. No change replaces it, and destroying the stack keeps it: the next update finds it by name.
 * A volume from an earlier release, whose name ends in random digits, is also kept.
 */
export function dataVolume(
  name: string,
  { mlflow, stack, kept, settings: { keepData, host } }: DataVolumeOptions,
  { provider, ...opts }: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const next = mlflow.volume ?? `${stack.replace("/", "_")}_${name}`;
  const volume = new docker.Volume(
    name,
    // An explicit replacement (--replace, taint) overrides ignoreChanges, so the name must be the one in use.
    { name: mlflow.volume ?? kept.volume ?? next, labels: labels({ role: "mlflow-data", stack }) },
    {
      ...opts,
      ...(provider && { provider }),
      retainOnDelete: true,
      // A change to any of these would replace it.
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
