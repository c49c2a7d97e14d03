import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import { type MlflowServer, type ServiceArgs, stackId, type Target, type TrainerArgs } from "../target.ts";
import { secretsFromConfig, type TargetSecrets } from "../target-secrets.ts";
import type { ClusterApi } from "./cluster-api.ts";
import { keptByDestroy, notCreatedHere, readExistingObjects, usedByOther } from "./existing-objects.ts";
import { failedJobs } from "./failed-jobs.ts";
import { type KubernetesSettings, kubernetesSettings } from "./kubernetes-settings.ts";
import { labels, MLFLOW_PORT, objectName, serviceName } from "./labels.ts";
import { needsVolume } from "./mlflow-pod.ts";
import { MLFLOW_NAME, mlflowClusterUrl, mlflowServer } from "./mlflow-server.ts";
import { type ImageWork, modelImages } from "./model-image.ts";
import { othersIn } from "./namespace-tenants.ts";
import { denyByDefault } from "./network-policies.ts";
import { portForward } from "./port-forward.ts";
import { inferenceService } from "./service.ts";
import { makeStackScope, namespaceOf } from "./stack-scope.ts";
import { trainerSelector, trainingJob } from "./training-job.ts";

/** Work that the program itself does, outside any resource. */
export interface KubernetesTargetWork extends ImageWork {
  /** Used to check who owns the names; absent if nothing is deployed. */
  readonly cluster?: ClusterApi;
  /** Default: those of the stack's config. */
  readonly secrets?: TargetSecrets;
}

/** What the target needs of the config. */
export type KubernetesTargetSettings = Pick<
  Settings,
  "environment" | "modelName" | "mlflow" | "kubernetes" | "canary" | "image" | "docker"
> & {
  readonly local: { readonly dataFolder: string };
  readonly training: Pick<Settings["training"], "runner">;
};

/**
 * Runs everything in a cluster, with the same program, gate and digest as on one machine.
 * @throws RunError if another stack uses the names of this stack's objects
 */
export async function kubernetesTarget(
  settings: KubernetesTargetSettings,
  work: KubernetesTargetWork = {},
): Promise<Target> {
  const kubernetes = settings.kubernetes ?? kubernetesSettings.parse({});
  const { dataFolder } = settings.local;
  const secrets = work.secrets ?? secretsFromConfig();
  const modelPackage = await modelImages(settings, kubernetes, secrets, work);
  const hasClaim = await claimUnderOwnNames(settings, kubernetes, work.cluster);
  const scope = makeStackScope(settings, kubernetes, secrets, hasClaim);
  if (scope.own) denyByDefault("default-deny", scope, scope.options({}));
  const trainsInCluster = settings.environment === "staging" && settings.training.runner === "job";
  const failed =
    work.cluster && trainsInCluster
      ? await failedJobs(work.cluster, scope.namespaceName, trainerSelector(settings.modelName))
      : [];
  const through = { settings: kubernetes, dataFolder };
  const namespace = scope.namespaceName;
  /** URL of the stack's own server, for pods. */
  let clusterUri: pulumi.Output<string> | undefined;

  const mlflow = (name: string, opts: pulumi.CustomResourceOptions = {}): MlflowServer => {
    const instance = mlflowServer(name, settings, scope, opts);
    // Known once the server runs.
    const inCluster = mlflowClusterUrl(namespace);
    clusterUri = instance.apply(() => inCluster);
    if (kubernetes.access === "direct") return { trackingUri: clusterUri, url: inCluster };
    const { port } = settings.mlflow;
    const forward = { service: "mlflow", namespace, servicePort: MLFLOW_PORT, port, healthPath: "/health" };
    const trackingUri = portForward(`${name}-forward`, { ...forward, instance }, through, opts);
    return { trackingUri, url: `http://127.0.0.1:${port}` };
  };

  const service = (name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions) => {
    const running = inferenceService(name, args, settings.canary, scope, opts);
    const { instance } = running;
    const image = args.package.reference;
    if (kubernetes.access === "direct") return { url: running.url, instance, image };
    const { port } = args;
    const forward = { service: running.name, namespace, servicePort: port, port, healthPath: "/ready" };
    return { url: portForward(`${name}-forward`, { ...forward, instance }, through, opts), instance, image };
  };

  return {
    deploysImages: true,
    mlflowServer: mlflow,
    modelPackage,
    service,
    trainer: (name: string, args: TrainerArgs, opts: pulumi.CustomResourceOptions) =>
      trainingJob(name, args, { inCluster: clusterUri, elsewhere: settings.mlflow.trackingUri, failed }, scope, opts),
  };
}

const hasVolume = ({ backendStoreUri, artifactRoot }: Settings["mlflow"]): boolean =>
  needsVolume({ database: backendStoreUri !== undefined, artifactRoot });

/** Whether a claim with MLflow's data exists. @throws RunError if another stack uses the names */
async function claimUnderOwnNames(
  settings: KubernetesTargetSettings,
  kubernetes: KubernetesSettings,
  cluster: ClusterApi | undefined,
): Promise<boolean> {
  if (!cluster) return false;
  const { modelName, environment, mlflow } = settings;
  const names = {
    namespace: namespaceOf(settings, kubernetes),
    service: serviceName(modelName, environment),
    mlflow: MLFLOW_NAME,
  };
  const existing = await readExistingObjects(cluster, names);
  // It is unknown whether there is data, so keep it.
  if (!existing) return true;
  const hasServer = environment === "staging" && !mlflow.trackingUri;
  const refusal = usedByOther(existing, names, {
    stack: stackId(),
    modelName,
    modelLabel: objectName(modelName),
    hasServer,
  });
  if (refusal) throw new pulumi.RunError(refusal);
  const creates = kubernetes.namespace === undefined && kubernetes.existingNamespace === undefined;
  const adopted = { namespace: !creates, claim: kubernetes.mlflow.existingClaim !== undefined || !hasVolume(mlflow) };
  const kept = hasServer ? keptByDestroy(existing, names, adopted) : undefined;
  if (kept !== undefined) throw new pulumi.RunError(kept);
  const taken = creates ? notCreatedHere(existing, names.namespace) : undefined;
  if (taken !== undefined) throw new pulumi.RunError(taken);
  // A stack that is already in the namespace has denied all other traffic.
  if (kubernetes.existingNamespace !== undefined && !existing.service) {
    const model = objectName(modelName);
    const others = await othersIn(cluster, {
      namespace: names.namespace,
      common: labels(modelName, names.service, "inference"),
      instances: [
        [names.service, "inference"],
        [`${model}-training`, "training"],
        ...(hasServer ? [[MLFLOW_NAME, "mlflow"] as const] : []),
      ],
    });
    if (others !== undefined) throw new pulumi.RunError(others);
  }
  return existing.claim;
}
