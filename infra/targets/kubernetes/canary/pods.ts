import { type ClusterApi, ClusterError } from "../cluster-api.ts";
import { isReady, restartsOf } from "../pod-problems.ts";
import { podsBy } from "../pod-report.ts";
import { parseExposition } from "./exposition.ts";
import { type Traffic, toTraffic } from "./traffic.ts";

/** How to find a track's pods. */
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

/** If there are more, only the first pods by name are read, because each costs a request to the cluster. */
const MAX_PODS = 20;

/** Lists the track's pods that are not terminating. @throws ClusterError */
export const listPods = async (api: ClusterApi, { namespace, query }: Track): Promise<Pod[]> =>
  (await podsBy(api, namespace, query)).map((pod) => ({
    name: pod.metadata.name,
    ready: isReady(pod),
    restarts: restartsOf(pod),
  }));

/**
 * Reads the traffic counters of each ready pod, by pod name. Reads through the API server, so that pods need not be reachable from here. A pod that
 * does not respond is skipped: it may have terminated since it was listed.
 * @throws ClusterError if none of them responds
 */
export async function readTraffic(api: ClusterApi, track: Track, pods: readonly Pod[]): Promise<Map<string, Traffic>> {
  const ready = pods.filter((pod) => pod.ready).map(({ name }) => name);
  const sampled = ready.sort().slice(0, MAX_PODS);
  const answers = await Promise.all(sampled.map((name) => readPod(api, track, name)));
  const unread = answers.filter((answer) => answer instanceof ClusterError);
  if (unread[0] && unread.length === sampled.length) throw unread[0];
  const read = sampled.map((name, index) => [name, answers[index]] as const);
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
