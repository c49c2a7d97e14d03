import type { Trace } from "../http/request-id.ts";

/** What the service tells of a request to whoever traces it. */
export interface Spans {
  /** Begins the span of a request, as a part of the caller's trace when there is one. */
  start(route: string, parent: Trace | undefined): { end(status: number): void };
  /** Sends what has not been sent yet. */
  stop(): Promise<void>;
}
