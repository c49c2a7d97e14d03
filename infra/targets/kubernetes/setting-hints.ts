/** Workload of a pod, by the config section that sizes it. */
export type Part = "service" | "mlflow" | "training";

interface Subject {
  readonly part: Part;
  readonly namespace: string;
  /** Volume claims of the pods that do not run. */
  readonly claims: readonly string[];
}

const set = (key: string, value: string) => `pulumi config set --path ${key} ${value}`;

/** Returns the commands that adopt what a destroy kept: the namespace, the claim, or both. */
export const adoptCommand = ({ namespace, claim }: { readonly namespace?: string; readonly claim?: string }): string =>
  [
    ...(namespace === undefined ? [] : [set("kubernetes.existingNamespace", namespace)]),
    ...(claim === undefined ? [] : [set("kubernetes.mlflow.existingClaim", claim)]),
  ].join(" && ");

/** Names the settings that can fix pods that do not run, one per line. */
export function settingHints(problems: readonly string[], { part, namespace, claims }: Subject): string[] {
  const text = problems.join("\n");
  const claim = claims[0];
  return [
    ...(/Insufficient cpu/.test(text) ? [`To request less CPU: ${set(`kubernetes.${part}.cpu`, "<cpus>")}`] : []),
    ...(/Insufficient memory/.test(text)
      ? [`To request less memory: ${set(`kubernetes.${part}.memory`, "<quantity>")}`]
      : []),
    ...(/OOMKilled/.test(text)
      ? [`The container ran out of memory. To give it more: ${set(`kubernetes.${part}.memory`, "<quantity>")}`]
      : []),
    ...(/active longer than specified deadline/.test(text)
      ? [`To give training more time: ${set("kubernetes.training.deadlineSeconds", "<seconds>")}`]
      : []),
    ...(claim !== undefined && /unbound immediate PersistentVolumeClaims|storageclass\S* .*not found/i.test(text)
      ? [
          `The volume claim ${claim} has no volume yet. A change of kubernetes.mlflow.storageClass does not affect it: ` +
            `after correcting the class, delete the empty claim and recreate it: kubectl --namespace ${namespace} delete persistentvolumeclaim ${claim} && pulumi up --refresh`,
        ]
      : []),
  ];
}
