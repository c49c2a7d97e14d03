/** A response, independent of the transport (Hono or Node). */
export interface Reply {
  readonly status: number;
  /** Alternating names and values, as in Node's rawHeaders: Node writes them without looking up an object's members. */
  readonly headers: readonly string[];
  readonly body: string;
  /** The body is known to be ASCII: its bytes need no counting or encoding. */
  readonly isAscii?: boolean;
}

/** The request headers that the service reads. Properties instead of a map: V8 caches their offsets. */
export interface Head {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentLength: string | undefined;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
  /** See probe.ts. */
  readonly isProbe: boolean;
}

export const jsonReply = (answer: unknown): Reply => ({
  status: 200,
  headers: ["content-type", "application/json", "x-content-type-options", "nosniff"],
  body: JSON.stringify(answer),
});
