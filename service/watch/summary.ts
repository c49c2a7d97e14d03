import type { Watched } from "../api.ts";
import { addCounts, type HistogramCounts, LATENCY_BOUNDS } from "./counts.ts";
import { type DriftReport, driftOf } from "./drift.ts";

/** Figures for the page, about predictions since the service started. */
export function summarise(all: readonly Watched[]) {
  const { requests, latency, classes, inFlight, queuedRows } = addCounts(all.map(({ counts }) => counts));
  const counts = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);
  for (const one of Object.values<HistogramCounts>(latency))
    for (const [bucket, count] of one.counts.entries()) counts[bucket] = (counts[bucket] as number) + count;
  const drifts = all.map(({ drift }) => drift).filter((drift): drift is DriftReport => drift !== undefined);
  return {
    requests,
    /** Requests by upper bound of their latency, in seconds; the last count is above all bounds. */
    latency: { bounds: LATENCY_BOUNDS, counts },
    classes,
    inFlight,
    queuedRows,
    ...(drifts.length > 0 && { drift: driftOf(drifts) }),
  };
}
