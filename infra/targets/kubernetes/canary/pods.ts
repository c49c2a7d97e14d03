import { type ClusterApi, ClusterError } from "../cluster-api.ts";
import { isReady, restartsOf } from "../pod-problems.ts";
import { podsBy } from "../pod-report.ts";
import { parseExposition } from "./exposition.ts";
import { type Traffic, toTraffic } from "./traffic.ts";

/** Location of a track's pods. */
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

/** Above this number, only the first pods by name are read, because each is a request to the cluster. */
const MOST_PODS = 20;

/** Lists the track's pods that are not terminating. @throws ClusterError */
export const listPods = async (api: ClusterApi, { namespace, query }: Track): Promise<Pod[]> =>
  (await podsBy(api, namespace, query)).map((pod) => ({
    name: pod.metadata.name,
    ready: isReady(pod),
    restarts: restartsOf(pod),
  }));

/**
 * Reads what each ready pod has answered so far, by the pod's name, through the cluster, so that pods need not be reachable. A pod that
 * does not answer is skipped: it may have terminated since it was listed.
 * @throws ClusterError if none of them answers
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
