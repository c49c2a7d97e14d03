import type { KubernetesSettings } from "./kubernetes-settings.ts";

/** Arguments that lead kubectl to the configured cluster. */
export const clusterArguments = ({
  kubeconfig,
  context,
}: Pick<KubernetesSettings, "kubeconfig" | "context">): string[] => [
  ...(kubeconfig ? ["--kubeconfig", kubeconfig] : []),
  ...(context ? ["--context", context] : []),
];

/** Pulumi's provider takes a kubeconfig's content as well as a file. */
export const isContent = (kubeconfig: string): boolean => /[\n{]/.test(kubeconfig);
