import { z } from "zod";
import { type ClusterApi, ClusterError } from "../cluster-api.ts";
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

/**
 * What each ready pod has answered so far, by the pod's name; read through the cluster, so that no pod need be reachable. A pod that
 * does not answer is passed over: it may have gone since it was listed, and what is not read proves nothing.
 * @throws ClusterError when none of them answers
 */
export async function readTraffic(api: ClusterApi, track: Track, pods: readonly Pod[]): Promise<Map<string, Traffic>> {
  const ready = pods.filter((pod) => pod.ready).map(({ name }) => name);
  const asked = ready.sort().slice(0, MOST_PODS);
  const answers = await Promise.all(asked.map((name) => readPod(api, track, name)));
  const unread = answers.filter((answer) => answer instanceof ClusterError);
  if (unread[0] && unread.length === asked.length) throw unread[0];
  const read = asked.map((name, index) => [name, answers[index]] as const);
  return new Map(read.filter((one): one is [string, Traffic] => !(one[1] instanceof ClusterError)));
}

async function readPod(api: ClusterApi, { namespace, port }: Track, name: string): Promise<Traffic | ClusterError> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/metrics`;
  const text = await api.get(path).catch((error: unknown) => {
    if (error instanceof ClusterError) return error;
    throw error;
  });
  return typeof text === "string" ? toTraffic(parseExposition(text)) : text;
}
