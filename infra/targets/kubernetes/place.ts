import * as core from "@pulumi/kubernetes/core/v1/index.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import { stackId } from "../../stack-id.ts";
import { OWNER } from "./cluster-look.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { serviceName } from "./labels.ts";
import { needsVolume } from "./mlflow-pod.ts";
import { NAMESPACE_LABELS } from "./pod-security.ts";
import { registryOf } from "./pull-secret.ts";

/** The cluster and the namespace that a stack's objects live in. */
export interface Place {
  readonly settings: KubernetesSettings;
  readonly modelName: string;
  /** Host of the registry with the service's image, which config's credentials are for. */
  readonly imageRegistry: string;
  /** Name of the namespace, as it is known before anything exists. */
  readonly namespaceName: string;
  /** The same, for objects: they wait until it is there. */
  readonly namespace: pulumi.Output<string>;
  /** Whether the namespace holds nothing but this stack, even if the stack did not create it. */
  readonly own: boolean;
  /** Annotation that says which stack an object belongs to. Give it with `ignoreChanges`: objects of earlier releases stay without. */
  readonly owner: Readonly<Record<string, string>>;
  /** Options of an object of this stack. */
  options(opts: pulumi.CustomResourceOptions, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

/** Name of the namespace that a stack's objects live in. */
export const namespaceOf = (
  { modelName, environment }: Pick<Settings, "modelName" | "environment">,
  { namespace, existingNamespace }: KubernetesSettings,
): string => namespace ?? existingNamespace ?? serviceName(modelName, environment);

/** @param hasClaim whether the namespace has a claim with MLflow's data, whatever config says today */
export function makePlace(all: Settings, settings: KubernetesSettings, hasClaim: boolean): Place {
  const { modelName, environment, mlflow } = all;
  const { kubeconfig, context, clusterIdentifier, namespace: given, existingNamespace } = settings;
  const provider = new Provider("cluster", {
    ...(kubeconfig && { kubeconfig }),
    ...(context && { context }),
    clusterIdentifier,
    enableServerSideApply: true,
  });
  // What Pulumi itself waits for: an address of a load balancer or an Ingress.
  const wait = `${settings.rolloutTimeoutSeconds}s`;
  const customTimeouts = { create: wait, update: wait };
  const owner = { [OWNER]: stackId() };
  const imageRegistry = settings.image ? registryOf(settings.image) : all.image.registry;
  const existing = given ?? existingNamespace;
  const namespaceName = namespaceOf(all, settings);
  // A namespace takes what is in it along: the registry's volume outlives the stack.
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
    ...{ settings, modelName, imageRegistry, namespaceName, namespace, own: !given, owner },
    options: (opts, more) => pulumi.mergeOptions({ ...opts, provider, customTimeouts }, more),
  };
}
