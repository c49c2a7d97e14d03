/**
 * Header of health probes, such as the deployment check's requests. They are answered like any other and counted in a separate metric: otherwise a service
 * that has just started would begin with latencies, predictions and drift that come from no caller.
 * A sender hides only its own requests, and refused ones are counted as usual: see isCountedApart.
 */
export const PROBE_HEADER = "x-inference-probe";

/** A caller without access must not be able to hide from the alarms with a header. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

export const isCountedApart = (isProbe: boolean, status: number): boolean => isProbe && !REFUSED.has(status);
