import * as core from "@pulumi/kubernetes/core/v1/index.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import { registryOf } from "../docker/image-plan.ts";
import { stackId } from "../target.ts";
import type { TargetSecrets } from "../target-secrets.ts";
import { OWNER } from "./existing-objects.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { serviceName } from "./labels.ts";
import { needsVolume } from "./mlflow-pod.ts";
import { NAMESPACE_LABELS } from "./pod-security.ts";

/** Cluster and namespace of a stack's objects. */
export interface StackScope {
  readonly settings: KubernetesSettings;
  readonly secrets: TargetSecrets;
  readonly modelName: string;
  /** Registry host of the service's image, to which the configured credentials belong. */
  readonly imageRegistry: string;
  /** Name of the namespace, known before anything exists. */
  readonly namespaceName: string;
  /** The same for objects, which wait until it exists. */
  readonly namespace: pulumi.Output<string>;
  /** Whether the namespace contains only this stack, even if the stack did not create it. */
  readonly own: boolean;
  /** Annotation with the owning stack. Use it with `ignoreChanges`, because objects of earlier releases lack it. */
  readonly owner: Readonly<Record<string, string>>;
  /** Options for an object of this stack. */
  options(opts: pulumi.CustomResourceOptions, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

/** Returns the name of the namespace of a stack's objects. */
export const namespaceOf = (
  { modelName, environment }: Pick<Settings, "modelName" | "environment">,
  { namespace, existingNamespace }: KubernetesSettings,
): string => namespace ?? existingNamespace ?? serviceName(modelName, environment);

/** Describes the cluster, the namespace and the options of a stack's objects. @param hasClaim whether the namespace has a claim with MLflow's data, whatever the current config */
export function makeStackScope(
  all: Pick<Settings, "modelName" | "environment" | "mlflow" | "image">,
  settings: KubernetesSettings,
  secrets: TargetSecrets,
  hasClaim: boolean,
): StackScope {
  const { modelName, environment, mlflow } = all;
  const { kubeconfig, context, clusterIdentifier, namespace: given, existingNamespace } = settings;
  const provider = new Provider("cluster", {
    ...(kubeconfig && { kubeconfig }),
    ...(context && { context }),
    clusterIdentifier,
    enableServerSideApply: true,
  });
  // Pulumi itself waits for the address of a load balancer or an Ingress.
  const wait = `${settings.rolloutTimeoutSeconds}s`;
  const customTimeouts = { create: wait, update: wait };
  const owner = { [OWNER]: stackId() };
  const imageRegistry = settings.image ? registryOf(settings.image) : all.image.registry;
  const existing = given ?? existingNamespace;
  const namespaceName = namespaceOf(all, settings);
  // Deleting a namespace deletes its contents, but the registry's volume must outlive the stack.
  const { backendStoreUri, artifactRoot } = mlflow;
  const holdsData =
    environment === "staging" &&
    (hasClaim || (!mlflow.trackingUri && needsVolume({ database: backendStoreUri !== undefined, artifactRoot })));
  const metadata = { name: namespaceName, labels: NAMESPACE_LABELS, annotations: owner };
  const kept = {
    retainOnDelete: holdsData,
    ignoreChanges: ["metadata.annotations", ...(holdsData ? ["metadata.name"] : [])],
  };
  const namespace = existing
    ? pulumi.output(existing)
    : new core.Namespace("namespace", { metadata }, { provider, ...kept }).metadata.name;
  return {
    settings,
    secrets,
    modelName,
    imageRegistry,
    namespaceName,
    namespace,
    own: !given,
    owner,
    options: (opts, more) => pulumi.mergeOptions({ ...opts, provider, customTimeouts }, more),
  };
}
