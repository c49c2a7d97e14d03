import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi } from "../cluster-api.ts";
import type { Pod, Track } from "./pods.ts";

/** A path that needs only the service's event loop, like every request. */
const PATH = "ready";
/** Spaced probes detect an event loop that is blocked intermittently; a burst may fall between two stalls. */
const SPREAD = 6;
/** Longest random pause before such a probe. */
const MAX_PAUSE_MS = 100;
/** A burst at one pod detects a throttled CPU; single requests fit into the quota that even a small limit grants per 100 ms. */
const BURST = 10;

/**
 * Measures the slowest response to one round of probes from outside, milliseconds; undefined if no pod responds. It includes the wait before the service's own
 * clock starts (a full accept queue, a blocked event loop, a throttled CPU). It also includes the path through the cluster, which is the same for
 * both tracks. Pods that do not respond are skipped: the service counts failed requests.
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
    await sleep(Math.random() * MAX_PAUSE_MS);
    await probe(ready[index % ready.length] as Pod);
  }
  // One pod per track: with more pods, each would get less of a burst.
  const chosen = ready[Math.floor(Math.random() * ready.length)];
  for (let index = 0; index < BURST && chosen; index++) await probe(chosen);
  return times.length === 0 ? undefined : Math.max(...times);
}
