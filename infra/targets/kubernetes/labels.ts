import type { EnvironmentName } from "../../../registry/evidence.ts";

export type Component = "inference" | "mlflow" | "training";
/** Pods that serve what is approved, and pods that are on trial. */
export type Track = "stable" | "canary";

/** Port that the service listens on in its pod. */
export const SERVICE_PORT = 8000;
/** Port that MLflow listens on in its pod. */
export const MLFLOW_PORT = 5000;

/**
 * A name that the cluster takes (DNS-1123 label) for any model name: `Churn_Model.v2` becomes `churn-model-v2`. Room is left
 * for what is added to it.
 */
export function objectName(modelName: string): string {
  const name = modelName.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.slice(0, 40).replace(/^-+|-+$/g, "") || "model";
}

/** Name of an environment's service, its Deployment and what belongs to them. */
export const serviceName = (modelName: string, environment: EnvironmentName): string =>
  `${objectName(modelName)}-${environment}`;

/** What selects the pods of a component. These labels never change: a Deployment's selector is immutable. */
export const selector = (instance: string, component: Component): Record<string, string> => ({
  "app.kubernetes.io/instance": instance,
  "app.kubernetes.io/component": component,
});

/** All labels of a component's objects: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export const labels = (modelName: string, instance: string, component: Component): Record<string, string> => ({
  ...selector(instance, component),
  "app.kubernetes.io/name": objectName(modelName),
  "app.kubernetes.io/part-of": "model-promotion",
  "app.kubernetes.io/managed-by": "pulumi",
});

/**
 * Annotation of an object whose fields are the program's: an update that writes it takes back what was changed by hand, where the API
 * server would refuse it as a conflict.
 */
export const OWNED = { "pulumi.com/patchForce": "true" } as const;

/** In the form of a query: `a=b,c=d`. */
export const toQuery = (wanted: Readonly<Record<string, string>>): string =>
  Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
