import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { canaryShare, scale, share } from "./canary/levers.ts";
import { absent, type ClusterApi, withoutConflict } from "./cluster-api.ts";
import { generations } from "./former-pods.ts";
import { toQuery } from "./labels.ts";
import { type DeploymentNames, type LiveDeployment, readDeployment } from "./live-deployment.ts";
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

/**
 * Says what besides the Deployment's own pods gets callers' requests: another selector of the Service, a canary outside a trial, as
 * an update that was killed leaves it, or a pod that was relabelled or created by hand. Undefined if nothing does.
 * @throws ClusterError
 */
export async function otherWays(
  api: ClusterApi,
  names: DeploymentNames,
  path: CallersPath,
  live: LiveDeployment,
): Promise<string | undefined> {
  const found = await look(api, names, path);
  const left = movedService(found, path) ?? leftCanary(found, path);
  if (left !== undefined) return left;
  const [stray] = await strayPods(api, names, path, [live, found.canary]);
  return stray && inWords(stray, names);
}

/** Leads callers back to the Deployment: ends what is left of a trial, and restores the Service's selector. @returns what was done. @throws ClusterError */
export async function closeOtherWays(api: ClusterApi, names: DeploymentNames, path: CallersPath): Promise<string[]> {
  const { namespace } = names;
  const { canary, route } = path;
  const found = await look(api, names, path);
  const [left, moved] = [leftCanary(found, path), movedService(found, path)];
  if (left !== undefined && canary !== undefined) {
    if (route !== undefined) await share(api, namespace, route, canary, 0);
    await scale(api, namespace, canary, 0);
  }
  if (moved !== undefined)
    await withoutConflict(async () => {
      const live = await readService(api, names, path);
      const spec = { ...live.spec, selector: wantedSelector(path) };
      await api.put(servicePath(names, path), { ...live, spec });
    });
  return [
    ...(left === undefined ? [] : [`${left}: it is taken off`]),
    ...(moved === undefined ? [] : [`${moved}: it is written again`]),
  ];
}

/** @throws Error that names pods which get callers' requests and are not the Deployment's, with the ways out */
export async function requireNoStrays(api: ClusterApi, names: DeploymentNames, path: CallersPath): Promise<void> {
  const deployments = await Promise.all([readDeployment(api, names), readCanary(api, names, path)]);
  const strays = await strayPods(api, names, path, deployments);
  if (strays.length === 0) return;
  const { namespace } = names;
  const all = strays.map(({ metadata }) => metadata.name).join(" ");
  throw new Error(
    `${strays.map((stray) => inWords(stray, names)).join("\n")}\n` +
      `Delete what is not needed: kubectl --namespace ${namespace} delete pod ${all}. To keep it for inspection without callers: ` +
      `kubectl --namespace ${namespace} label pod ${all} app.kubernetes.io/component-`,
  );
}

const service = z.looseObject({ spec: z.looseObject({ selector: z.record(z.string(), z.string()).default({}) }) });
const servicePath = ({ namespace }: DeploymentNames, { service: name }: CallersPath) =>
  `/api/v1/namespaces/${namespace}/services/${name}`;
const readService = async (api: ClusterApi, names: DeploymentNames, path: CallersPath) =>
  service.parse(JSON.parse(await api.get(servicePath(names, path))));

/** What leads callers now; undefined for what does not exist yet. */
async function look(api: ClusterApi, names: DeploymentNames, path: CallersPath) {
  const { namespace } = names;
  const { canary, route } = path;
  const [live, tried, percent] = await Promise.all([
    readService(api, names, path).catch(absent),
    readCanary(api, names, path),
    canary === undefined || route === undefined ? 0 : canaryShare(api, namespace, route, canary).catch(absent),
  ]);
  return { service: live, canary: tried, percent: percent ?? 0 };
}

type Found = Awaited<ReturnType<typeof look>>;

const readCanary = async (api: ClusterApi, { namespace }: DeploymentNames, { canary }: CallersPath) =>
  canary === undefined ? undefined : readDeployment(api, { namespace, deployment: canary }).catch(absent);

/** Undefined if the Service selects what the program wants, or does not exist yet. */
const movedService = ({ service: live }: Found, path: CallersPath): string | undefined =>
  live === undefined || isDeepStrictEqual(live.spec.selector, wantedSelector(path))
    ? undefined
    : `Service ${path.service} selects the pods ${toQuery(live.spec.selector)}, not ${path.pods}`;

/** What an update that was killed, or a hand, left of a trial: no trial runs while a Rollout is compared or written. */
function leftCanary({ canary, percent }: Found, { route }: CallersPath): string | undefined {
  if (percent > 0) return `HTTPRoute ${route} leads ${percent} % of the requests to its canary although no trial runs`;
  const pods = canary?.spec.replicas ?? 0;
  return pods > 0 ? `its canary has ${pods} pods although no trial runs` : undefined;
}

type Stray = Awaited<ReturnType<typeof podsBy>>[number];

/** Ready pods behind the Service that no ReplicaSet of the given Deployments owns. */
async function strayPods(
  api: ClusterApi,
  names: DeploymentNames,
  path: CallersPath,
  deployments: readonly (LiveDeployment | undefined)[],
): Promise<Stray[]> {
  const known = deployments.filter((live) => live !== undefined);
  const [pods, ...owned] = await Promise.all([
    podsBy(api, names.namespace, path.pods),
    ...known.map((live) => generations(api, names, live)),
  ]);
  const sets = new Set(owned.flat().map(({ name }) => name));
  return pods.filter((pod) => isReady(pod) && !pod.metadata.ownerReferences.some(({ name }) => sets.has(name)));
}

const wantedSelector = ({ pods }: CallersPath): Record<string, string> =>
  Object.fromEntries(pods.split(",").map((pair) => pair.split("=")));

function inWords({ metadata, spec }: Stray, { deployment }: DeploymentNames): string {
  const { name, labels } = metadata;
  const images = spec.containers.map(({ image }) => image).join(", ");
  return `pod ${name} (track ${labels.track ?? "none"}, image ${images}) gets callers' requests and is not Deployment ${deployment}'s`;
}
