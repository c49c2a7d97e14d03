/**
 * Header of requests that look whether the service works and are no caller's, such as the deployment check's. They are answered as all others and counted in
 * a metric of their own: a service that has just started would otherwise begin with latencies, predictions and drift of rows that nobody asked about.
 * Whoever sends it hides nothing but their own requests, and those that are refused count all the same: see isCountedApart.
 */
export const PROBE_HEADER = "x-inference-probe";

/** A caller without access must not hide from the alarms by a header. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

export const isCountedApart = (isProbe: boolean, status: number): boolean => isProbe && !REFUSED.has(status);
