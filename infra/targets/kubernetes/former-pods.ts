import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type ClusterApi, ClusterError, retryOnConflict } from "./cluster-api.ts";
import { toQuery } from "./labels.ts";
import {
  deploymentPath,
  type LiveDeployment,
  type DeploymentNames as Names,
  podDifference,
  readDeployment,
  type WantedPods,
} from "./live-deployment.ts";

const texts = z.record(z.string(), z.string()).default({});
const replicaSetList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
      }),
      spec: z.object({
        template: z.looseObject({ metadata: z.looseObject({ labels: texts }).prefault({}) }).prefault({}),
      }),
      status: z.object({ availableReplicas: z.int().default(0) }).prefault({}),
    }),
  ),
});

/** Current or previous pods of a Deployment, by ReplicaSet. */
interface Generation {
  /** Name of the ReplicaSet. */
  readonly name: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly available: number;
  /** Whether these are the Deployment's desired pods. */
  readonly current: boolean;
}

/** Label that the Deployment's controller adds. */
const HASH = "pod-template-hash";

/** Returns the current and previous pods of a Deployment by its ReplicaSets. @throws ClusterError */
export async function generations(api: ClusterApi, { namespace }: Names, live: LiveDeployment): Promise<Generation[]> {
  const query = encodeURIComponent(toQuery(live.spec.selector.matchLabels));
  const text = await api.get(`/apis/apps/v1/namespaces/${namespace}/replicasets?labelSelector=${query}`);
  const { items } = replicaSetList.parse(JSON.parse(text));
  return items
    .filter(({ metadata }) => metadata.ownerReferences.some(({ uid }) => uid === live.metadata.uid))
    .map(({ metadata, spec, status }) => {
      const { [HASH]: _, ...labels } = spec.template.metadata.labels;
      const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
      const current = isDeepStrictEqual(plain(template), plain(live.spec.template));
      return { name: metadata.name, template, available: status.availableReplicas, current };
    });
}

/** Ignores `creationTimestamp: null`, which the API server does not always include. */
const plain = (template: Readonly<Record<string, unknown>>): unknown => {
  const { creationTimestamp: _, ...metadata } = (template.metadata ?? {}) as Record<string, unknown>;
  return { ...template, metadata };
};

/** Returns the name of the ReplicaSet with a Deployment's desired pods; undefined if the cluster does not respond. */
export async function currentReplicaSet(api: ClusterApi, names: Names): Promise<string | undefined> {
  try {
    const all = await generations(api, names, await readDeployment(api, names));
    return all.find(({ current }) => current)?.name;
  } catch (error) {
    if (error instanceof ClusterError) return undefined;
    throw error;
  }
}

/** Describes in a sentence what serves after a failed rollout; empty if the cluster does not respond. */
export async function describeServing(api: ClusterApi, names: Names): Promise<string> {
  try {
    const all = await generations(api, names, await readDeployment(api, names));
    const [before, now] = [false, true].map((current) =>
      all.filter((one) => one.current === current).reduce((sum, { available }) => sum + available, 0),
    );
    if (before) return `Pods of the previous version that still serve: ${before}. `;
    return now ? `Only pods of the new version are available: ${now}. ` : "No pod is available: nothing serves. ";
  } catch (error) {
    if (error instanceof ClusterError) return "";
    throw error;
  }
}

type Attempted = Names & WantedPods;

/**
 * Restores the previous pods of a Deployment after a failed rollout, like `kubectl rollout undo`: a raised quota or a restart
 * would otherwise bring unchecked pods to callers. Without previous pods, the rollout is paused. Changes by others in the meantime are kept.
 * @param attempted the failed rollout
 * @param proven ReplicaSet of the last successful rollout, if known
 * @returns the result, in a sentence. Cluster errors are not thrown, because the original failure must be reported
 */
export async function rollBack(api: ClusterApi, attempted: Attempted, proven: string | undefined): Promise<string> {
  const { namespace, deployment, replicas: least } = attempted;
  try {
    return await retryOnConflict(async () => {
      const live = await readDeployment(api, attempted);
      if (podDifference(live, attempted) !== undefined)
        return `Deployment ${deployment} was changed by someone else and is left unchanged`;
      const former = formerOf(await generations(api, attempted, live), proven);
      const replicas = live.spec.replicas || least;
      const spec = former
        ? { ...live.spec, replicas, template: former.template, paused: false }
        : { ...live.spec, paused: true };
      await api.put(deploymentPath(attempted), { ...live, spec });
      return former
        ? `Deployment ${deployment} is back on its previous pods (ReplicaSet ${former.name})`
        : `Deployment ${deployment} has no previous pods that served, so it is paused; the next update resumes it`;
    });
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return (
      `Deployment ${deployment} could not be rolled back and may still have the new pods (${error.message}). ` +
      `Roll it back with: kubectl --namespace ${namespace} rollout undo deployment/${deployment}`
    );
  }
}

/** Without a known successful ReplicaSet, picks the one with most available pods: an earlier failed attempt may have left a few. */
function formerOf(all: readonly Generation[], proven: string | undefined): Generation | undefined {
  const others = all.filter(({ current }) => !current);
  const known = others.find(({ name }) => name === proven);
  const [most] = others.filter(({ available }) => available > 0).sort((a, b) => b.available - a.available);
  return known ?? most;
}
