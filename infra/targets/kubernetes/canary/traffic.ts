import type { Sample } from "./exposition.ts";

/** Answers of a pod or track: counts that only grow while a pod lives. */
export interface Traffic {
  readonly requests: number;
  /** Answered with 5xx. */
  readonly failed: number;
  /** Answered with 4xx. */
  readonly refused: number;
  /** Requests by upper bound of their duration, seconds; not cumulative; the last bound is Infinity. */
  readonly durations: ReadonlyMap<number, number>;
  /** Rows by predicted class. */
  readonly predictions: ReadonlyMap<string, number>;
  /** What the service reports of its CPU: earlier releases, and machines without control groups, report nothing. */
  readonly cpu: ReadonlyMap<CpuCount, number>;
}

/** Metrics of the service's CPU. */
const CPU = {
  /** In which the container had work, of 100 ms as a rule. */
  periods: "inference_cpu_periods_total",
  /** In which it used up what its limit allows. */
  throttled: "inference_cpu_throttled_periods_total",
  /** That it then waited. */
  throttledSeconds: "inference_cpu_throttled_seconds_total",
  /** Of the event loop's thread. */
  ranSeconds: "inference_event_loop_run_seconds_total",
  waitedSeconds: "inference_event_loop_wait_seconds_total",
} as const;
export type CpuCount = keyof typeof CPU;
const CPU_COUNTS = Object.keys(CPU) as CpuCount[];

export const NO_TRAFFIC: Traffic = {
  requests: 0,
  failed: 0,
  refused: 0,
  durations: new Map(),
  predictions: new Map(),
  cpu: new Map(),
};

/** The service's metrics (service/watch/metrics.ts). They count requests for predictions only: probes and scrapes are no callers. */
const NAMES = {
  requests: "inference_requests_total",
  durations: "inference_request_duration_seconds_bucket",
  predictions: "inference_predictions_total",
} as const;

/**
 * Picks the service's metrics out of an exposition. Before the first request there are none; a program that never has any
 * counts no traffic, and with that nothing passes.
 */
export function toTraffic(samples: readonly Sample[]): Traffic {
  const named = (name: string) => samples.filter((sample) => sample.name === name);
  const requests = named(NAMES.requests);
  const withStatus = (digit: string) => sum(requests.filter(({ labels }) => labels.status?.startsWith(digit)));
  const byClass = Object.groupBy(named(NAMES.predictions), ({ labels }) => labels.class ?? "");
  return {
    requests: sum(requests),
    failed: withStatus("5"),
    refused: withStatus("4"),
    durations: notCumulative(named(NAMES.durations)),
    predictions: new Map(Object.entries(byClass).map(([label, all]) => [label, sum(all ?? [])] as const)),
    cpu: new Map(CPU_COUNTS.flatMap((count) => named(CPU[count]).map(({ value }) => [count, value] as const))),
  };
}

const sum = (samples: readonly Sample[]) => samples.reduce((total, { value }) => total + value, 0);

/** A histogram's buckets count everything up to their bound; series of other labels are added up. */
function notCumulative(samples: readonly Sample[]): Map<number, number> {
  const cumulative = new Map<number, number>();
  for (const { labels, value } of samples) {
    const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
    cumulative.set(bound, (cumulative.get(bound) ?? 0) + value);
  }
  let below = 0;
  const counts = new Map<number, number>();
  for (const [bound, count] of [...cumulative].sort(([a], [b]) => a - b)) {
    counts.set(bound, count - below);
    below = count;
  }
  return counts;
}

/** What came since: a pod that counts less than before has started anew, and all of its count is new. */
export function since(before: Traffic, now: Traffic): Traffic {
  if (now.requests < before.requests) return now;
  return combine(now, before, (a, b) => Math.max(0, a - b));
}

export const add = (one: Traffic, other: Traffic): Traffic => combine(one, other, (a, b) => a + b);

function combine(one: Traffic, other: Traffic, by: (a: number, b: number) => number): Traffic {
  const each = <Key>(a: ReadonlyMap<Key, number>, b: ReadonlyMap<Key, number>) =>
    new Map([...new Set([...a.keys(), ...b.keys()])].map((key) => [key, by(a.get(key) ?? 0, b.get(key) ?? 0)]));
  return {
    requests: by(one.requests, other.requests),
    failed: by(one.failed, other.failed),
    refused: by(one.refused, other.refused),
    durations: each(one.durations, other.durations),
    predictions: each(one.predictions, other.predictions),
    cpu: each(one.cpu, other.cpu),
  };
}
