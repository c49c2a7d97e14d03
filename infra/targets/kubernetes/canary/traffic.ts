import type { Sample } from "./exposition.ts";

/** Counters of a pod or track, which only grow while a pod lives. */
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
  /** CPU counters. Earlier releases of the service report none, and neither do machines without control groups. */
  readonly cpu: ReadonlyMap<CpuCount, number>;
}

/** Metrics of the service's CPU. */
const CPU = {
  /** Periods, usually of 100 ms, in which the container had work. */
  periods: "inference_cpu_periods_total",
  /** Periods in which it exhausted its limit. */
  throttled: "inference_cpu_throttled_periods_total",
  /** Time that it then had to wait. */
  throttledSeconds: "inference_cpu_throttled_seconds_total",
  /** Time that the event loop's thread ran. */
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

/** The service's metrics (service/watch/metrics.ts). They count only requests for predictions, not probes or scrapes. */
const NAMES = {
  requests: "inference_requests_total",
  durations: "inference_request_duration_seconds_bucket",
  predictions: "inference_predictions_total",
} as const;

/**
 * Extracts the service's metrics from an exposition. There are none before the first request. A program that never exposes them
 * counts no traffic, and cannot pass a trial.
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

/** Converts a histogram's cumulative buckets to counts per bucket, summed over series with different labels. */
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

/** Returns the traffic since an earlier reading. A pod that counts less than before has restarted, so its whole count is new. */
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
