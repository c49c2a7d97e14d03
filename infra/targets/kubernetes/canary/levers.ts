import { z } from "zod";
import { type ClusterApi, ClusterError } from "../cluster-api.ts";

/** Returns the replicas that give a canary its share beside the stable pods, if each pod gets equal traffic; at least one. */
export const canaryReplicas = (stable: number, percent: number): number =>
  Math.max(1, Math.round((stable * percent) / (100 - percent)));

const deployment = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string().optional() })) }) }),
  }),
  status: z.object({ readyReplicas: z.int().default(0) }).default({ readyReplicas: 0 }),
});

/** Reads the ready pods of a Deployment and its images. @throws ClusterError, NotFound if it does not exist */
export async function serving(
  api: ClusterApi,
  namespace: string,
  name: string,
): Promise<{ readonly ready: number; readonly images: readonly (string | undefined)[] }> {
  const found = await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const { spec, status } = deployment.parse(JSON.parse(found));
  return { ready: status.readyReplicas, images: spec.template.spec.containers.map(({ image }) => image) };
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

/** Retries conflicts: a Gateway's controller writes the route's status, mostly right after a change, and each write conflicts with an earlier read. */
const TRIES = 5;

/** Gives the canary's service its percentage of a route's requests. @throws ClusterError */
export async function share(
  api: ClusterApi,
  namespace: string,
  name: string,
  canary: string,
  percent: number,
): Promise<void> {
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${name}`;
  for (let tries = 1; ; tries++) {
    const found = route.parse(JSON.parse(await api.get(path)));
    const rules = found.spec.rules.map((rule) => ({
      ...rule,
      backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: ref.name === canary ? percent : 100 - percent })),
    }));
    try {
      return await api.put(path, { ...found, spec: { ...found.spec, rules } });
    } catch (error) {
      if (tries === TRIES || !(error instanceof ClusterError) || error.refusal !== "Conflict") throw error;
    }
  }
}
