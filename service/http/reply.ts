/** An answer, before it is known which of the two ways (Hono, Node) it leaves by. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn, as in Node's rawHeaders: what Node takes without a look at an object's members. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Said of a body that is known to be ASCII: its bytes need not be counted nor encoded. */
  readonly isAscii?: boolean;
}

/** The headers of a request that matter here. Members, since a look-up by name is one that V8 cannot remember the place of. */
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
