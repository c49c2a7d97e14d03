import { z } from "zod";
import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import { type Component, selector } from "./labels.ts";

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        deletionTimestamp: z.string().optional(),
      }),
    }),
  ),
});

interface StackPods {
  readonly namespace: string;
  /** Labels of all its pods. */
  readonly common: Readonly<Record<string, string>>;
  /** Selectors of its pods, each with its component. */
  readonly instances: readonly (readonly [string, Component])[];
}

const MAX_NAMES = 5;

/**
 * Returns an error if a namespace that the stack would use as its own contains pods of others, which its default-deny NetworkPolicy would cut off.
 * Undefined if there are none, or if the cluster does not respond; the provider will report that.
 */
export async function othersIn(
  api: ClusterApi,
  { namespace, common, instances }: StackPods,
): Promise<string | undefined> {
  const own = instances.map((instance) => ({ ...common, ...selector(...instance) }));
  const isOwn = (labels: Readonly<Record<string, string>>) =>
    own.some((wanted) => Object.entries(wanted).every(([key, value]) => labels[key] === value));
  const others = await api.get(`/api/v1/namespaces/${namespace}/pods`).then(
    (text) =>
      podList
        .parse(JSON.parse(text))
        .items.filter(({ metadata }) => !metadata.deletionTimestamp && !isOwn(metadata.labels))
        .map(({ metadata }) => metadata.name),
    (error: unknown) => {
      if (error instanceof ClusterError) return [];
      throw error;
    },
  );
  if (others.length === 0) return undefined;
  const more = others.length > MAX_NAMES ? ` and ${others.length - MAX_NAMES} more` : "";
  return (
    `namespace ${namespace} has pods that are not this stack's: ${others.slice(0, MAX_NAMES).join(", ")}${more}. ` +
    "kubernetes.existingNamespace is for a namespace of the stack's own, in which all other traffic is denied. " +
    `To share this one: pulumi config rm --path kubernetes.existingNamespace && pulumi config set --path kubernetes.namespace ${namespace}`
  );
}
