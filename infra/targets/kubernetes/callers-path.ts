import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { canaryWeight, setCanaryWeight, setReplicas } from "./canary/replicas-and-weights.ts";
import { type ClusterApi, retryOnConflict, undefinedIfMissing } from "./cluster-api.ts";
import { generations } from "./former-pods.ts";
import { toQuery } from "./labels.ts";
import { type DeploymentNames, type LiveDeployment, readDeployment } from "./live-deployment.ts";
import { isReady } from "./pod-problems.ts";
import { podsBy } from "./pod-report.ts";

/** The objects that route callers to pods, and could route them past the Deployment. */
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
 * Describes what else receives callers' requests besides the Deployment's own pods, or returns undefined. It may be a changed selector of the Service, a
 * canary left by a killed update, or a pod that was relabelled or created manually.
 * @throws ClusterError
 */
export async function strayTraffic(
  api: ClusterApi,
  names: DeploymentNames,
  path: CallersPath,
  live: LiveDeployment,
): Promise<string | undefined> {
  const found = await readRouting(api, names, path);
  const left = movedService(found, path) ?? leftCanary(found, path);
  if (left !== undefined) return left;
  const [stray] = await strayPods(api, names, path, [live, found.canary]);
  return stray && describeStray(stray, names);
}

/** Routes callers back to the Deployment: removes a canary outside a trial, and restores the Service's selector. @returns what was done. @throws ClusterError */
export async function redirectStrayTraffic(
  api: ClusterApi,
  names: DeploymentNames,
  path: CallersPath,
): Promise<string[]> {
  const { namespace } = names;
  const { canary, route } = path;
  const found = await readRouting(api, names, path);
  const [left, moved] = [leftCanary(found, path), movedService(found, path)];
  if (left !== undefined && canary !== undefined) {
    if (route !== undefined) await setCanaryWeight(api, namespace, route, canary, 0);
    await setReplicas(api, namespace, canary, 0);
  }
  if (moved !== undefined)
    await retryOnConflict(async () => {
      const live = await readService(api, names, path);
      const spec = { ...live.spec, selector: wantedSelector(path) };
      await api.put(servicePath(names, path), { ...live, spec });
    });
  return [
    ...(left === undefined ? [] : [`${left}: the canary was removed`]),
    ...(moved === undefined ? [] : [`${moved}: the selector was restored`]),
  ];
}

/** @throws Error that names pods which receive callers' requests but do not belong to the Deployment, with the remedies */
export async function requireNoStrays(api: ClusterApi, names: DeploymentNames, path: CallersPath): Promise<void> {
  const deployments = await Promise.all([readDeployment(api, names), readCanary(api, names, path)]);
  const strays = await strayPods(api, names, path, deployments);
  if (strays.length === 0) return;
  const { namespace } = names;
  const all = strays.map(({ metadata }) => metadata.name).join(" ");
  throw new Error(
    `${strays.map((stray) => describeStray(stray, names)).join("\n")}\n` +
      `Delete what is not needed: kubectl --namespace ${namespace} delete pod ${all}. To keep it for inspection without callers: ` +
      `kubectl --namespace ${namespace} label pod ${all} app.kubernetes.io/component-`,
  );
}

const service = z.looseObject({ spec: z.looseObject({ selector: z.record(z.string(), z.string()).default({}) }) });
const servicePath = ({ namespace }: DeploymentNames, { service: name }: CallersPath) =>
  `/api/v1/namespaces/${namespace}/services/${name}`;
const readService = async (api: ClusterApi, names: DeploymentNames, path: CallersPath) =>
  service.parse(JSON.parse(await api.get(servicePath(names, path))));

/** Reads the routing objects; undefined for each that does not exist yet. */
async function readRouting(api: ClusterApi, names: DeploymentNames, path: CallersPath) {
  const { namespace } = names;
  const { canary, route } = path;
  const [live, tried, percent] = await Promise.all([
    readService(api, names, path).catch(undefinedIfMissing),
    readCanary(api, names, path),
    canary === undefined || route === undefined
      ? 0
      : canaryWeight(api, namespace, route, canary).catch(undefinedIfMissing),
  ]);
  return { service: live, canary: tried, percent: percent ?? 0 };
}

type Found = Awaited<ReturnType<typeof readRouting>>;

const readCanary = async (api: ClusterApi, { namespace }: DeploymentNames, { canary }: CallersPath) =>
  canary === undefined ? undefined : readDeployment(api, { namespace, deployment: canary }).catch(undefinedIfMissing);

/** Describes a changed selector; undefined if it is as wanted, or if the Service does not exist yet. */
const movedService = ({ service: live }: Found, path: CallersPath): string | undefined =>
  live === undefined || isDeepStrictEqual(live.spec.selector, wantedSelector(path))
    ? undefined
    : `Service ${path.service} selects the pods ${toQuery(live.spec.selector)}, not ${path.pods}`;

/** Describes a canary that a killed update or a person left: no trial runs while a Rollout is compared or written. */
function leftCanary({ canary, percent }: Found, { route }: CallersPath): string | undefined {
  if (percent > 0)
    return `HTTPRoute ${route} sends ${percent} % of the requests to the canary although no trial is running`;
  const pods = canary?.spec.replicas ?? 0;
  return pods > 0 ? `the canary has ${pods} pods although no trial is running` : undefined;
}

type Stray = Awaited<ReturnType<typeof podsBy>>[number];

/** Lists ready pods behind the Service that no ReplicaSet of the given Deployments owns. */
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

function describeStray({ metadata, spec }: Stray, { deployment }: DeploymentNames): string {
  const { name, labels } = metadata;
  const images = spec.containers.map(({ image }) => image).join(", ");
  return `pod ${name} (track ${labels.track ?? "none"}, image ${images}) receives callers' requests but does not belong to Deployment ${deployment}`;
}
