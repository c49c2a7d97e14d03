/** Kinds before those that need them, as `kubectl apply` of a folder wants it. Kinds that are not named come last. */
export const MANIFEST_ORDER = [
  ...["Namespace", "NetworkPolicy", "Secret", "ConfigMap", "PersistentVolumeClaim"],
  ...["Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Job", "Ingress", "HTTPRoute"],
];
