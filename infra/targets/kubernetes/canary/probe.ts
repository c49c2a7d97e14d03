import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "../cluster-api.ts";
import type { Pod, Track } from "./pods.ts";

/** Answered by the service's own event loop, like every request, and by nothing behind it. */
const PATH = "ready";
const PROBES = 6;
/** Longest pause before a probe, by chance: in one burst all would fall between the same two stalls. */
const MOST_PAUSE_MS = 100;

/**
 * Milliseconds of the slowest answer to one round of probes from outside; undefined when no pod answers. What a request waits before the service's own
 * clock starts (a full accept queue, a blocked event loop, a throttled CPU) is in it. The way through the cluster is in it, too, and is the same for
 * both tracks. Pods that do not answer are left out: requests that fail are counted by the service.
 */
export async function probePods(
  api: ClusterApi,
  { namespace, port }: Track,
  pods: readonly Pod[],
): Promise<number | undefined> {
  const ready = pods.filter((pod) => pod.ready);
  const times: number[] = [];
  for (let probe = 0; probe < PROBES && ready.length > 0; probe++) {
    const { name } = ready[probe % ready.length] as Pod;
    await sleep(Math.random() * MOST_PAUSE_MS);
    const start = performance.now();
    const answered = await api.get(`/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/${PATH}`).then(
      () => true,
      () => false,
    );
    if (answered) times.push(performance.now() - start);
  }
  return times.length === 0 ? undefined : Math.max(...times);
}
