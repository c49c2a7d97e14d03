import { canaryShare, scale, share } from "./canary/levers.ts";
import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import { generations } from "./former-pods.ts";
import { type LiveDeployment, readDeployment } from "./live-deployment.ts";
import { isReady } from "./pod-problems.ts";
import { podsBy } from "./pod-report.ts";

/** What leads callers to pods, and could lead them past the Deployment. */
export interface CallersPath {
  /** Selector of the Service, as a query: `a=b,c=d`. */
  readonly pods: string;
  /** The canary's Deployment, which has no pods outside a trial. */
  readonly canary?: string;
  /** HTTPRoute that splits the requests between the two. */
  readonly route?: string;
}

interface Names {
  readonly namespace: string;
  readonly deployment: string;
}

/**
 * Says what besides the Deployment's own pods gets callers' requests: a canary outside a trial, as an update that was killed leaves it, or a pod
 * that was relabelled or created by hand. Undefined if nothing does.
 * @throws ClusterError
 */
export async function otherWays(
  api: ClusterApi,
  names: Names,
  path: CallersPath,
  live: LiveDeployment,
): Promise<string | undefined> {
  const left = await leftCanary(api, names, path);
  if (left !== undefined) return left;
  const [stray] = await strayPods(api, names, path, live);
  return stray && inWords(stray, names);
}

/** Ends what is left of a trial. @returns what was done; undefined if nothing was left. @throws ClusterError */
export async function endLeftTrial(api: ClusterApi, names: Names, path: CallersPath): Promise<string | undefined> {
  const left = await leftCanary(api, names, path);
  const { namespace } = names;
  const { canary, route } = path;
  if (left === undefined || canary === undefined) return undefined;
  if (route !== undefined) await share(api, namespace, route, canary, 0);
  await scale(api, namespace, canary, 0);
  return `${left}: it is taken off`;
}

/** @throws Error that names pods which get callers' requests and are not the Deployment's, with the ways out */
export async function requireNoStrays(api: ClusterApi, names: Names, path: CallersPath): Promise<void> {
  const strays = await strayPods(api, names, path, await readDeployment(api, names));
  if (strays.length === 0) return;
  const { namespace } = names;
  const all = strays.map(({ metadata }) => metadata.name).join(" ");
  throw new Error(
    `${strays.map((stray) => inWords(stray, names)).join("\n")}\n` +
      `Delete what is not needed: kubectl --namespace ${namespace} delete pod ${all}. To keep it for inspection without callers: ` +
      `kubectl --namespace ${namespace} label pod ${all} app.kubernetes.io/component-`,
  );
}

/** What an update that was killed, or a hand, left of a trial: no trial runs while a Rollout is compared or written. */
async function leftCanary(
  api: ClusterApi,
  { namespace }: Names,
  { canary, route }: CallersPath,
): Promise<string | undefined> {
  if (canary === undefined) return undefined;
  const found = await unlessMissing(readDeployment(api, { namespace, deployment: canary }));
  const percent = route === undefined ? 0 : ((await unlessMissing(canaryShare(api, namespace, route, canary))) ?? 0);
  if (percent > 0) return `HTTPRoute ${route} leads ${percent} % of the requests to its canary although no trial runs`;
  const pods = found?.spec.replicas ?? 0;
  return pods > 0 ? `its canary has ${pods} pods although no trial runs` : undefined;
}

async function unlessMissing<Found>(work: Promise<Found>): Promise<Found | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ClusterError && error.refusal === "NotFound") return undefined;
    throw error;
  }
}

type Stray = Awaited<ReturnType<typeof podsBy>>[number];

/** Ready pods behind the Service that no ReplicaSet of the Deployment owns. The canary's are the trial's affair. */
async function strayPods(api: ClusterApi, names: Names, path: CallersPath, live: LiveDeployment): Promise<Stray[]> {
  const [pods, own] = await Promise.all([podsBy(api, names.namespace, path.pods), generations(api, names, live)]);
  const isOwn = ({ metadata }: Stray) =>
    metadata.ownerReferences.some(({ name }) => own.some((set) => set.name === name));
  const isCanary = ({ metadata }: Stray) => path.canary !== undefined && metadata.labels.track === "canary";
  return pods.filter((pod) => isReady(pod) && !isOwn(pod) && !isCanary(pod));
}

function inWords({ metadata, spec }: Stray, { deployment }: Names): string {
  const { name, labels } = metadata;
  const images = spec.containers.map(({ image }) => image).join(", ");
  return `pod ${name} (track ${labels.track ?? "none"}, image ${images}) gets callers' requests and is not Deployment ${deployment}'s`;
}
