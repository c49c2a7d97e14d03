/** A response, independent of the transport (Hono or Node). */
export interface Reply {
  readonly status: number;
  /** Alternating names and values, as in Node's rawHeaders: Node writes them faster than an object's members. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Whether the body is known to be ASCII, so that its bytes need no counting or encoding. */
  readonly isAscii?: boolean;
}

/** The request headers that the service reads. Uses properties instead of a map, because V8 caches their offsets. */
export interface Head {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentLength: string | undefined;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
  /** See PROBE_HEADER. */
  readonly isProbe: boolean;
}

export const jsonReply = (answer: unknown): Reply => ({
  status: 200,
  headers: ["content-type", "application/json", "x-content-type-options", "nosniff"],
  body: JSON.stringify(answer),
});

/**
 * Header that marks probes, such as the deployment check's requests. They are handled like other requests but counted in a separate metric. Otherwise a
 * new process would start with latencies, predictions and drift that no caller caused. A probe
 * hides only itself, and rejected probes are counted as usual: see isCountedSeparately.
 */
export const PROBE_HEADER = "x-inference-probe";

/** Statuses of rejected requests, which are counted even for probes: an unauthorized caller must not be able to bypass alerts with a header. */
const REJECTED: ReadonlySet<number> = new Set([401, 403, 429]);

export const isCountedSeparately = (isProbe: boolean, status: number): boolean => isProbe && !REJECTED.has(status);
