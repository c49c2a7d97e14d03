import { z } from "zod";
import { type ClusterApi, withoutConflict } from "../cluster-api.ts";

/** Returns the replicas that give a canary its share beside the stable pods, if each pod gets equal traffic; at least one. */
export const canaryReplicas = (stable: number, percent: number): number =>
  Math.max(1, Math.round((stable * percent) / (100 - percent)));

const deployment = z.object({
  spec: z.object({
    paused: z.boolean().default(false),
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string().optional() })) }) }),
  }),
  status: z.object({ readyReplicas: z.int().default(0) }).default({ readyReplicas: 0 }),
});

export interface Serving {
  readonly ready: number;
  readonly images: readonly (string | undefined)[];
  readonly hasNeverServed: boolean;
}

/**
 * Reads the ready pods of a Deployment and its images. One whose first rollout failed has never served: it is paused, because it had no former pods to
 * go back to.
 * @throws ClusterError, NotFound if it does not exist
 */
export async function serving(api: ClusterApi, namespace: string, name: string): Promise<Serving> {
  const found = await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const { spec, status } = deployment.parse(JSON.parse(found));
  const { readyReplicas: ready } = status;
  const images = spec.template.spec.containers.map(({ image }) => image);
  return { ready, images, hasNeverServed: ready === 0 && spec.paused };
}

/** Sets a Deployment's number of pods. @throws ClusterError */
export const scale = (api: ClusterApi, namespace: string, name: string, replicas: number): Promise<void> =>
  api.put(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`, {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name, namespace },
    spec: { replicas },
  });

const route = z.looseObject({
  spec: z.looseObject({
    rules: z.array(
      z.looseObject({ backendRefs: z.array(z.looseObject({ name: z.string(), weight: z.int().optional() })) }),
    ),
  }),
});

/** The canary's percentage of a route's requests; 0 if the route does not lead to it. @throws ClusterError */
export async function canaryShare(api: ClusterApi, namespace: string, name: string, canary: string): Promise<number> {
  const { spec } = route.parse(JSON.parse(await api.get(routePath(namespace, name))));
  const refs = spec.rules.flatMap(({ backendRefs }) => backendRefs);
  return Math.max(0, ...refs.map((ref) => (ref.name === canary ? (ref.weight ?? 1) : 0)));
}

const routePath = (namespace: string, name: string) =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}`;

/** Gives the canary's service its percentage of a route's requests. @throws ClusterError */
export async function share(
  api: ClusterApi,
  namespace: string,
  name: string,
  canary: string,
  percent: number,
): Promise<void> {
  const path = routePath(namespace, name);
  await withoutConflict(async () => {
    const found = route.parse(JSON.parse(await api.get(path)));
    const rules = found.spec.rules.map((rule) => ({
      ...rule,
      backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: ref.name === canary ? percent : 100 - percent })),
    }));
    await api.put(path, { ...found, spec: { ...found.spec, rules } });
  });
}
