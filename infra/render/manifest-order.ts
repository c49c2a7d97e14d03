/** Kinds in order of dependency, as `kubectl apply` of a folder requires. Unlisted kinds come last. */
export const MANIFEST_ORDER = [
  ...["Namespace", "NetworkPolicy", "Secret", "ConfigMap", "PersistentVolumeClaim"],
  ...["Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Job", "Ingress", "HTTPRoute"],
];
