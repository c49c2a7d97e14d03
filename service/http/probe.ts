/**
 * Header that marks health probes, such as the deployment check's requests. They are handled like other requests but counted in a separate metric:
 * otherwise a new process would start with latencies, predictions and drift that no caller caused.
 * A probe hides only its own requests, and rejected ones are counted as usual: see isCountedApart.
 */
export const PROBE_HEADER = "x-inference-probe";

/** An unauthorized caller must not be able to bypass alerts with a header. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

export const isCountedApart = (isProbe: boolean, status: number): boolean => isProbe && !REFUSED.has(status);
