const UNRESOLVED = ["ENOTFOUND", "EAI_AGAIN"];

/**
 * Explains a name of a Kubernetes Service that this machine cannot resolve, as the default `kubernetes.access: direct` needs it to.
 * @param url that was asked
 * @param code of the error
 * @returns undefined for any other name or error
 */
export function inClusterHint(url: URL, code: string | undefined): string | undefined {
  if (!/\.svc(\.|$)/.test(url.hostname) || code === undefined || !UNRESOLVED.includes(code)) return undefined;
  return "This name resolves only inside the cluster. From elsewhere, set on both stacks: pulumi config set --path kubernetes.access port-forward";
}
