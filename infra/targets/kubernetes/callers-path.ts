import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { canaryShare, scale, share } from "./canary/levers.ts";
import { type ClusterApi, ClusterError } from "./cluster-api.ts";
import { generations } from "./former-pods.ts";
import { toQuery } from "./labels.ts";
import { type LiveDeployment, readDeployment } from "./live-deployment.ts";
import { isReady } from "./pod-problems.ts";
import { podsBy } from "./pod-report.ts";

/** What leads callers to pods, and could lead them past the Deployment. */
export interface CallersPath {
  /** Name of the Service. */
  readonly service: string;
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
 * Says what besides the Deployment's own pods gets callers' requests: another selector of the Service, a canary outside a trial, as
 * an update that was killed leaves it, or a pod that was relabelled or created by hand. Undefined if nothing does.
 * @throws ClusterError
 */
export async function otherWays(
  api: ClusterApi,
  names: Names,
  path: CallersPath,
  live: LiveDeployment,
): Promise<string | undefined> {
  const left = (await movedService(api, names, path)) ?? (await leftCanary(api, names, path));
  if (left !== undefined) return left;
  const [stray] = await strayPods(api, names, path, live);
  return stray && inWords(stray, names);
}

/** Leads callers back to the Deployment: ends what is left of a trial, and restores the Service's selector. @returns what was done. @throws ClusterError */
export async function closeOtherWays(api: ClusterApi, names: Names, path: CallersPath): Promise<string[]> {
  const done: string[] = [];
  const { namespace } = names;
  const { canary, route } = path;
  const left = await leftCanary(api, names, path);
  if (left !== undefined && canary !== undefined) {
    if (route !== undefined) await share(api, namespace, route, canary, 0);
    await scale(api, namespace, canary, 0);
    done.push(`${left}: it is taken off`);
  }
  const moved = await movedService(api, names, path);
  if (moved !== undefined) {
    const found = await readService(api, names, path.service);
    await api.put(servicePath(names, path.service), {
      ...found,
      spec: { ...found.spec, selector: wantedSelector(path) },
    });
    done.push(`${moved}: it is written again`);
  }
  return done;
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

/** Ready pods behind the Service that neither the Deployment's nor the canary's ReplicaSets own. */
async function strayPods(api: ClusterApi, names: Names, path: CallersPath, live: LiveDeployment): Promise<Stray[]> {
  const [pods, own, tried] = await Promise.all([
    podsBy(api, names.namespace, path.pods),
    generations(api, names, live),
    canarySets(api, names, path),
  ]);
  const sets = new Set([...own, ...tried].map(({ name }) => name));
  const isOwn = ({ metadata }: Stray) => metadata.ownerReferences.some(({ name }) => sets.has(name));
  return pods.filter((pod) => isReady(pod) && !isOwn(pod));
}

async function canarySets(api: ClusterApi, { namespace }: Names, { canary }: CallersPath) {
  if (canary === undefined) return [];
  const names = { namespace, deployment: canary };
  const live = await unlessMissing(readDeployment(api, names));
  return live ? generations(api, names, live) : [];
}

const service = z.looseObject({ spec: z.looseObject({ selector: z.record(z.string(), z.string()).default({}) }) });
const servicePath = ({ namespace }: Names, name: string) => `/api/v1/namespaces/${namespace}/services/${name}`;
const readService = async (api: ClusterApi, names: Names, name: string) =>
  service.parse(JSON.parse(await api.get(servicePath(names, name))));

/** Undefined if the Service selects what the program wants, or does not exist yet. */
async function movedService(api: ClusterApi, names: Names, path: CallersPath): Promise<string | undefined> {
  const found = await unlessMissing(readService(api, names, path.service));
  return found === undefined || isDeepStrictEqual(found.spec.selector, wantedSelector(path))
    ? undefined
    : `Service ${path.service} selects the pods ${toQuery(found.spec.selector)}, not ${path.pods}`;
}

const wantedSelector = ({ pods }: CallersPath): Record<string, string> =>
  Object.fromEntries(pods.split(",").map((pair) => pair.split("=")));

function inWords({ metadata, spec }: Stray, { deployment }: Names): string {
  const { name, labels } = metadata;
  const images = spec.containers.map(({ image }) => image).join(", ");
  return `pod ${name} (track ${labels.track ?? "none"}, image ${images}) gets callers' requests and is not Deployment ${deployment}'s`;
}
