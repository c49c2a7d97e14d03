import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "../cluster-api.ts";
import type { Pod, Track } from "./pods.ts";

/** Answered by the service's own event loop, like every request, and by nothing behind it. */
const PATH = "ready";
/** At moments of their own: these find an event loop that is blocked now and then. One burst may fall between two stalls. */
const SPREAD = 6;
/** Longest pause before such a probe, by chance. */
const MOST_PAUSE_MS = 100;
/** In a row, at one pod: these find a CPU that is throttled. Single requests fit into what a small limit leaves in a tenth of a second. */
const BURST = 10;

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
  const probe = async ({ name }: Pod) => {
    const start = performance.now();
    const answered = await api.get(`/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/${PATH}`).then(
      () => true,
      () => false,
    );
    if (answered) times.push(performance.now() - start);
  };
  for (let index = 0; index < SPREAD && ready.length > 0; index++) {
    await sleep(Math.random() * MOST_PAUSE_MS);
    await probe(ready[index % ready.length] as Pod);
  }
  // One pod of either track: with more pods each would get less of a burst.
  const chosen = ready[Math.floor(Math.random() * ready.length)];
  for (let index = 0; index < BURST && chosen; index++) await probe(chosen);
  return times.length === 0 ? undefined : Math.max(...times);
}
