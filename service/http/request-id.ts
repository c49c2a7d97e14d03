import { randomBytes } from "node:crypto";
import type { Head } from "./reply.ts";

/** W3C Trace Context, version 00: the request's trace and the caller's span in it. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Accepted format of a caller's id, which is written to headers and logs. */
const REQUEST_ID = /^[A-Za-z0-9._:=+/-]{1,128}$/;

export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Parses `traceparent`; undefined if it is missing or invalid. */
export function readTrace(head: Head): Trace | undefined {
  const header = head.traceparent;
  if (header === undefined) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

// A random prefix per process and a counter are as unique as random ids, at a fraction of the cost.
const PREFIX = randomBytes(8).toString("hex");
let count = 0;

/** Returns the caller's `x-request-id`, or else its trace id, or else a new id. Responses and log lines contain it. */
export function requestId(head: Head): string {
  const given = head.requestId;
  if (given !== undefined && REQUEST_ID.test(given)) return given;
  return readTrace(head)?.traceId ?? `${PREFIX}-${(++count).toString(36)}`;
}
