import type { Sample } from "./exposition.ts";

/** What a pod, or a track of pods, has answered: counts that only grow while a pod lives. */
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
}

export const NO_TRAFFIC: Traffic = { requests: 0, failed: 0, refused: 0, durations: new Map(), predictions: new Map() };

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
  };
}
