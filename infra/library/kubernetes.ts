/**
 * Target kubernetes for Pulumi programs of other projects: `import { kubernetesTarget } from "model-promotion/kubernetes"`.
 * @module
 */
import { z } from "zod";
import { modelName } from "../mlflow-settings.ts";
import { dockerSettings } from "../targets/docker/docker-settings.ts";
import { listContainers } from "../targets/docker/engine-containers.ts";
import { clusterOf } from "../targets/kubernetes/cluster-access.ts";
import { canarySettings, kubernetesSettings } from "../targets/kubernetes/kubernetes-settings.ts";
import { kubernetesTarget as targetOf } from "../targets/kubernetes/kubernetes-target.ts";
import { LOCAL_DEFAULTS } from "../targets/local/mlflow-command.ts";
import type { Target } from "../targets/target.ts";
import { parseArguments } from "./parse-arguments.ts";
import { environment, type ImageTargetArgs, image, markSecrets, mlflow } from "./target-arguments.ts";

export interface KubernetesTargetArgs extends ImageTargetArgs {
  /** Name of the registered model, from which namespace and objects get theirs. */
  readonly modelName: string;
  /** Cluster, service, network, exposure. Keys: `kubernetes` in docs/configuration.md. */
  readonly kubernetes?: z.input<typeof kubernetesSettings>;
  /** Canary trial of a new version. Keys: `canary` in docs/configuration.md. Without it there is none. */
  readonly canary?: z.input<typeof canarySettings>;
  /** The engine that builds images in staging. Keys: `docker` in docs/configuration.md. */
  readonly docker?: z.input<typeof dockerSettings>;
  /** Folder for the records of `kubectl port-forward` processes, relative to the Pulumi program (`.local`). */
  readonly dataFolder?: string;
}

const schema = z.strictObject({
  environment,
  modelName,
  mlflow,
  image,
  kubernetes: kubernetesSettings.prefault({}),
  canary: canarySettings.optional(),
  docker: dockerSettings.prefault({}),
  dataFolder: z.string().default(LOCAL_DEFAULTS.dataFolder),
});

/**
 * Runs everything in a Kubernetes cluster. A program has at most one such target. Its `trainer` runs a trainer as a Job, if
 * `kubernetes.training.image` is set.
 * @throws RunError if an argument is wrong, the cluster cannot be reached, or another stack uses the names of its objects
 * @example
 * const target = await kubernetesTarget({
 *   environment: "staging",
 *   modelName: "churn-model",
 *   image: { repository: "acme/churn-model" },
 *   kubernetes: { context: "staging", mlflow: { image: "ghcr.io/mlflow/mlflow@sha256:<digest>" } },
 * });
 */
export async function kubernetesTarget(all: KubernetesTargetArgs): Promise<Target> {
  // A program without TypeScript may pass nothing.
  const { imageRegistry, mlflowAws, ...args } = all ?? {};
  const { dataFolder, ...settings } = parseArguments("kubernetesTarget", schema, args);
  const runner = settings.kubernetes.training.image === undefined ? "command" : "job";
  const secrets = markSecrets("kubernetesTarget", { imageRegistry, mlflowAws });
  return targetOf(
    { ...settings, local: { dataFolder }, training: { runner } },
    { engine: listContainers, cluster: clusterOf(settings), secrets },
  );
}
