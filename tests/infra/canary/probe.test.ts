import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { probePods } from "../../../infra/targets/kubernetes/canary/probe.ts";
import type { ClusterApi } from "../../../infra/targets/kubernetes/cluster-api.ts";

const TRACK = { namespace: "ml", port: 8000, query: "a=b" };
const pods = (...names: string[]) => names.map((name) => ({ name, ready: true, restarts: 0 }));

/** Pods that respond at once, apart from the given delays. */
const apiOf = (delay: (pod: string) => Promise<unknown>): ClusterApi => ({
  get: async (path) => {
    await delay(/pods\/(\w+):/.exec(path)?.[1] ?? "");
    return "";
  },
  put: async () => {},
});

const PERIOD_MS = 100;

/** Simulates a throttled CPU: after a number of requests within a period, the next one waits for a whole period. */
function throttledTo(requests: number) {
  const used = new Map<string, { since: number; count: number }>();
  return async (pod: string) => {
    const now = performance.now();
    const period = used.get(pod);
    if (!period || now - period.since >= PERIOD_MS) return used.set(pod, { since: now, count: 1 });
    if (++period.count <= requests) return;
    await sleep(PERIOD_MS);
    used.set(pod, { since: performance.now(), count: 1 });
  };
}

test("detects a throttled CPU, even though single requests are fast", async () => {
  expect(await probePods(apiOf(throttledTo(6)), TRACK, pods("one"))).toBeGreaterThan(PERIOD_MS / 2);
  expect(await probePods(apiOf(throttledTo(6)), TRACK, pods("one", "two", "three"))).toBeGreaterThan(PERIOD_MS / 2);
});

test("finds no delay if the CPU is not throttled, or can absorb a burst", async () => {
  for (const delay of [async () => {}, throttledTo(20)])
    expect(await probePods(apiOf(delay), TRACK, pods("one", "two"))).toBeLessThan(PERIOD_MS / 2);
});

test("omits pods that are not ready or do not respond", async () => {
  const [one] = pods("one");
  if (!one) throw new Error("no pod");
  expect(
    await probePods(
      apiOf(async () => {}),
      TRACK,
      [{ ...one, ready: false }],
    ),
  ).toBeUndefined();
  expect(
    await probePods(
      apiOf(() => Promise.reject(new Error("gone"))),
      TRACK,
      [one],
    ),
  ).toBeUndefined();
});
