import type { EnvironmentName } from "../../../registry/evidence.ts";

export type Component = "inference" | "mlflow" | "training";
/** Stable pods, which serve the approved version, and canary pods, which are on trial. */
export type Track = "stable" | "canary";

/** Port that the service listens on in its pod. */
export const SERVICE_PORT = 8000;
/** Port that MLflow listens on in its pod. */
export const MLFLOW_PORT = 5000;

/**
 * Converts any model name to a valid object name (DNS-1123 label): `Churn_Model.v2` becomes `churn-model-v2`. Leaves room
 * for suffixes.
 */
export function objectName(modelName: string): string {
  const name = modelName.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return name.slice(0, 40).replace(/^-+|-+$/g, "") || "model";
}

/** Name of an environment's service, its Deployment and related objects. */
export const serviceName = (modelName: string, environment: EnvironmentName): string =>
  `${objectName(modelName)}-${environment}`;

/** Selector of a component's pods. These labels never change, because a Deployment's selector is immutable. */
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
 * Annotation of an object whose fields belong to the program: an update that writes it reverts manual changes, which the API
 * server would otherwise reject as a conflict.
 */
export const OWNED = { "pulumi.com/patchForce": "true" } as const;

/** Formats labels as a selector query: `a=b,c=d`. */
export const toQuery = (wanted: Readonly<Record<string, string>>): string =>
  Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
