import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { assembleContext } from "../docker/image-context.ts";
import type { MlflowServer, ServiceArgs, Target, TrainerArgs } from "../target.ts";
import { kubernetesSettings } from "./kubernetes-settings.ts";
import { MLFLOW_PORT } from "./labels.ts";
import { mlflowClusterUrl, mlflowServer } from "./mlflow-server.ts";
import { modelImages } from "./model-image.ts";
import { denyTheRest } from "./network-policies.ts";
import { makePlace } from "./place.ts";
import { portForward } from "./port-forward.ts";
import { inferenceService } from "./service.ts";
import { trainingJob } from "./training-job.ts";

/** Everything in a cluster, for when one machine is too small. The same program, the same gate, the same digest. */
export async function kubernetesTarget(settings: Settings, assemble?: typeof assembleContext): Promise<Target> {
  const kubernetes = settings.kubernetes ?? kubernetesSettings.parse({});
  const { dataFolder } = settings.local;
  const modelPackage = await modelImages(settings, kubernetes, assemble);
  const place = makePlace(settings, kubernetes);
  if (place.own) denyTheRest("default-deny", place, place.options({}));
  const through = { settings: kubernetes, dataFolder };
  const namespace = place.namespaceName;
  /** Of a server of our own, for pods. */
  let clusterUri: pulumi.Output<string> | undefined;

  const mlflow = (name: string, opts: pulumi.CustomResourceOptions): MlflowServer => {
    const { metadata } = mlflowServer(name, settings, place, opts);
    // Known once the server runs.
    const inCluster = mlflowClusterUrl(namespace);
    clusterUri = metadata.uid.apply(() => inCluster);
    if (kubernetes.access === "direct") return { trackingUri: clusterUri, url: inCluster };
    const { port } = settings.mlflow;
    const forward = { service: "mlflow", namespace, servicePort: MLFLOW_PORT, port, healthPath: "/health" };
    const trackingUri = portForward(`${name}-forward`, { ...forward, instance: metadata.uid }, through, opts);
    return { trackingUri, url: `http://127.0.0.1:${port}` };
  };

  const service = (name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions) => {
    const running = inferenceService(name, args, settings.canary, place, opts);
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
      trainingJob(name, args, { inCluster: clusterUri, elsewhere: settings.mlflow.trackingUri }, place, opts),
  };
}
