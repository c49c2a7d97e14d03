import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import { toQuery } from "./labels.ts";
import { deploymentPath, type LiveDeployment, readDeployment } from "./live-deployment.ts";

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

/** Pods that a Deployment has, or had. */
interface Generation {
  /** Of the ReplicaSet. */
  readonly name: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly available: number;
  /** Whether the Deployment wants these. */
  readonly current: boolean;
}

/** The Deployment's controller adds it to what it takes from the Deployment. */
const HASH = "pod-template-hash";

interface Names {
  readonly namespace: string;
  readonly deployment: string;
}

/** @throws ClusterError */
async function generations(api: ClusterApi, { namespace }: Names, live: LiveDeployment): Promise<Generation[]> {
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

/** `creationTimestamp: null` comes and goes. */
const plain = (template: Readonly<Record<string, unknown>>): unknown => {
  const { creationTimestamp: _, ...metadata } = (template.metadata ?? {}) as Record<string, unknown>;
  return { ...template, metadata };
};

/** Name of the ReplicaSet with the pods that a Deployment wants; undefined when the cluster does not say. */
export async function currentReplicaSet(api: ClusterApi, names: Names): Promise<string | undefined> {
  try {
    const all = await generations(api, names, await readDeployment(api, names));
    return all.find(({ current }) => current)?.name;
  } catch (error) {
    if (error instanceof ClusterError) return undefined;
    throw error;
  }
}

/** What callers have after a rollout that failed, in a sentence; empty when the cluster does not say. */
export async function whatServes(api: ClusterApi, names: Names): Promise<string> {
  try {
    const all = await generations(api, names, await readDeployment(api, names));
    const [before, now] = [false, true].map((current) =>
      all.filter((one) => one.current === current).reduce((sum, { available }) => sum + available, 0),
    );
    if (before) return `Available pods of the version before, which go on serving: ${before}. `;
    return now ? `Only pods of the new version are available: ${now}. ` : "No pod is available: nothing serves. ";
  } catch (error) {
    if (error instanceof ClusterError) return "";
    throw error;
  }
}

const TRIES = 5;

/**
 * Puts a Deployment whose rollout failed back to the pods that served before, as `kubectl rollout undo` does: a quota that is raised or a restart
 * would else bring pods to callers that nothing has checked. Without such pods the rollout is paused.
 * @param proven ReplicaSet of the last rollout that succeeded, when it is known
 * @returns what was done, in a sentence. Never fails: what failed before is what has to be reported
 */
export async function goBack(api: ClusterApi, names: Names, proven: string | undefined): Promise<string> {
  const { namespace, deployment } = names;
  try {
    for (let tries = 1; ; tries++) {
      const live = await readDeployment(api, names);
      const former = formerOf(await generations(api, names, live), proven);
      const spec = former ? { ...live.spec, template: former.template, paused: false } : { ...live.spec, paused: true };
      try {
        await api.put(deploymentPath(names), { ...live, spec });
      } catch (error) {
        if (tries < TRIES && error instanceof ClusterError && error.refusal === "Conflict") continue;
        throw error;
      }
      return former
        ? `Deployment ${deployment} is back at its former pods (ReplicaSet ${former.name})`
        : `Deployment ${deployment} has no former pods that served, and is paused; the next update resumes it`;
    }
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return (
      `Deployment ${deployment} still wants the new pods, because it could not be put back (${error.message}). ` +
      `Do it by hand: kubectl --namespace ${namespace} rollout undo deployment/${deployment}`
    );
  }
}

/** Without the name of the proven ones, those of which most are available: an earlier attempt that failed may have left a few. */
function formerOf(all: readonly Generation[], proven: string | undefined): Generation | undefined {
  const others = all.filter(({ current }) => !current);
  const known = others.find(({ name }) => name === proven);
  const [most] = others.filter(({ available }) => available > 0).sort((a, b) => b.available - a.available);
  return known ?? most;
}
