import type { Observations } from "../api.ts";
import { addCounts, type HistogramCounts, LATENCY_BOUNDS } from "./counts.ts";
import { type DriftReport, driftOf } from "./drift.ts";

/** Summarizes predictions since the service started, for the page. */
export function summarise(all: readonly Observations[]) {
  const { requests, latency, classes, inFlight, queuedRows } = addCounts(all.map(({ counts }) => counts));
  const counts = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);
  for (const one of Object.values<HistogramCounts>(latency))
    for (const [bucket, count] of one.counts.entries()) counts[bucket] = (counts[bucket] as number) + count;
  const drifts = all.map(({ drift }) => drift).filter((drift): drift is DriftReport => drift !== undefined);
  return {
    requests,
    /** Requests by upper bound of their latency, in seconds. The last count is above all bounds. */
    latency: { bounds: LATENCY_BOUNDS, counts },
    classes,
    inFlight,
    queuedRows,
    ...(drifts.length > 0 && { drift: driftOf(drifts) }),
  };
}
