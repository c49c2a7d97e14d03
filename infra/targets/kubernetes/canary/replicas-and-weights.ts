import { z } from "zod";
import { type ClusterApi, retryOnConflict } from "../cluster-api.ts";

/** Returns the number of replicas, at least one, that gives a canary its share of traffic if every pod gets the same. */
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
 * Reads the number of ready pods and the images of a Deployment. A paused one without ready pods has never served: a failed rollout pauses only a
 * Deployment without previous pods to return to.
 * @throws ClusterError, NotFound if it does not exist
 */
export async function readServing(api: ClusterApi, namespace: string, name: string): Promise<Serving> {
  const found = await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const { spec, status } = deployment.parse(JSON.parse(found));
  const { readyReplicas: ready } = status;
  const images = spec.template.spec.containers.map(({ image }) => image);
  return { ready, images, hasNeverServed: ready === 0 && spec.paused };
}

/** Sets a Deployment's number of pods. @throws ClusterError */
export const setReplicas = (api: ClusterApi, namespace: string, name: string, replicas: number): Promise<void> =>
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

/** Reads the canary's percentage of a route's requests; 0 if the route does not include it. @throws ClusterError */
export async function canaryWeight(api: ClusterApi, namespace: string, name: string, canary: string): Promise<number> {
  const { spec } = route.parse(JSON.parse(await api.get(routePath(namespace, name))));
  const refs = spec.rules.flatMap(({ backendRefs }) => backendRefs);
  return Math.max(0, ...refs.map((ref) => (ref.name === canary ? (ref.weight ?? 1) : 0)));
}

const routePath = (namespace: string, name: string) =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}`;

/** Sets the canary's percentage of a route's requests. @throws ClusterError */
export async function setCanaryWeight(
  api: ClusterApi,
  namespace: string,
  name: string,
  canary: string,
  percent: number,
): Promise<void> {
  const path = routePath(namespace, name);
  await retryOnConflict(async () => {
    const found = route.parse(JSON.parse(await api.get(path)));
    const rules = found.spec.rules.map((rule) => ({
      ...rule,
      backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: ref.name === canary ? percent : 100 - percent })),
    }));
    await api.put(path, { ...found, spec: { ...found.spec, rules } });
  });
}
