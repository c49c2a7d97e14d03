import * as core from "@pulumi/kubernetes/core/v1/index.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings.ts";
import type { KubernetesSettings } from "./kubernetes-settings.ts";
import { objectName } from "./labels.ts";
import { needsVolume } from "./mlflow-pod.ts";
import { NAMESPACE_LABELS } from "./pod-security.ts";

/** The cluster and the namespace that a stack's objects live in. */
export interface Place {
  readonly settings: KubernetesSettings;
  readonly modelName: string;
  /** Name of the namespace, as it is known before anything exists. */
  readonly namespaceName: string;
  /** The same, for objects: they wait until it is there. */
  readonly namespace: pulumi.Output<string>;
  /** Whether nothing else lives in the namespace. */
  readonly own: boolean;
  /** Options of an object of this stack. */
  options(opts: pulumi.CustomResourceOptions, more?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions;
}

export function makePlace({ modelName, environment, mlflow }: Settings, settings: KubernetesSettings): Place {
  const { kubeconfig, context, namespace: given } = settings;
  const provider = new Provider("cluster", {
    ...(kubeconfig && { kubeconfig }),
    ...(context && { context }),
    enableServerSideApply: true,
  });
  const namespaceName = given ?? `${objectName(modelName)}-${environment}`;
  // A namespace takes what is in it along: the registry's volume outlives the stack.
  const { backendStoreUri, artifactRoot } = mlflow;
  const retainOnDelete =
    environment === "staging" &&
    !mlflow.trackingUri &&
    needsVolume({ database: backendStoreUri !== undefined, artifactRoot });
  const metadata = { name: namespaceName, labels: NAMESPACE_LABELS };
  const namespace = given
    ? pulumi.output(given)
    : new core.Namespace("namespace", { metadata }, { provider, retainOnDelete }).metadata.name;
  return {
    ...{ settings, modelName, namespaceName, namespace, own: !given },
    options: (opts, more) => pulumi.mergeOptions({ ...opts, provider }, more),
  };
}
