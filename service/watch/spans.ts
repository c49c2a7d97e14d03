import type { Trace } from "../http/request-id.ts";

/** Traces requests. */
export interface Spans {
  /** Begins a request's span, as a child of the caller's span if there is one. */
  start(route: string, parent: Trace | undefined): { end(status: number): void };
  /** Flushes pending spans. */
  stop(): Promise<void>;
}
