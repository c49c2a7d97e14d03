import { z } from "zod";
import type { ClusterApi } from "../cluster-api.ts";
import { parseExposition } from "./exposition.ts";
import { type Traffic, toTraffic } from "./traffic.ts";

/** Where a track's pods are found. */
export interface Track {
  readonly namespace: string;
  /** Selects them: `a=b,c=d`. */
  readonly query: string;
  /** Port of /metrics. */
  readonly port: number;
}

export interface Pod {
  readonly name: string;
  readonly ready: boolean;
  readonly restarts: number;
}

/** Beyond this a track is sampled: the first of its pods by name. Each is a question to the cluster. */
const MOST_PODS = 20;

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
        containerStatuses: z.array(z.object({ restartCount: z.int() })).default([]),
      }),
    }),
  ),
});

/** The track's pods that are not on their way out. @throws ClusterError */
export async function listPods(api: ClusterApi, { namespace, query }: Track): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(query)}`;
  const { items } = podList.parse(JSON.parse(await api.get(path)));
  return items
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata, status }) => ({
      name: metadata.name,
      ready: status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
      restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    }));
}

/** What each ready pod has answered so far, by the pod's name; read through the cluster, so that no pod need be reachable. */
export async function readTraffic(api: ClusterApi, track: Track, pods: readonly Pod[]): Promise<Map<string, Traffic>> {
  const ready = pods.filter((pod) => pod.ready).map(({ name }) => name);
  const read = ready
    .sort()
    .slice(0, MOST_PODS)
    .map(async (name) => {
      const path = `/api/v1/namespaces/${track.namespace}/pods/${name}:${track.port}/proxy/metrics`;
      return [name, toTraffic(parseExposition(await api.get(path)))] as const;
    });
  return new Map(await Promise.all(read));
}
