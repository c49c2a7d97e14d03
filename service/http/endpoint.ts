import type { Inference, Route } from "../inference/inference.ts";
import type { Counter } from "../watch/counts.ts";
import { isLogged, log } from "../watch/log.ts";
import type { Spans } from "../watch/spans.ts";
import type { Access } from "./access.ts";
import { checkBodyHead } from "./body.ts";
import { ProblemError, problemReply } from "./problem.ts";
import type { Head, Reply } from "./reply.ts";
import { readTrace, requestId } from "./request-id.ts";

export interface EndpointOptions {
  readonly inference: Inference;
  readonly access: Access;
  readonly counter: Counter;
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Undefined: no telemetry is asked for. */
  readonly spans?: Spans | undefined;
}

/**
 * A request for predictions from its head to its answer, whichever way it came (app.ts: Hono; node-path.ts: Node's own request and
 * response). Every request ends in exactly one reply, counted, and logged when it failed.
 */
export class Endpoint {
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  get maxBodyBytes(): number {
    return this.#options.maxBodyBytes;
  }

  /**
   * @param readBody called only when the head is in order
   * @param caller address of the other end
   */
  async answer(route: Route, head: Head, caller: string, readBody: () => Promise<string>): Promise<Reply> {
    const { inference, access, counter, maxBodyBytes, spans } = this.#options;
    const start = performance.now();
    const id = requestId(head);
    const span = spans?.start(route, readTrace(head));
    counter.begin();
    let status = 200;
    try {
      access.check(head, caller);
      checkBodyHead(head, maxBodyBytes);
      const body = await inference.answer(route, await readBody());
      return { status, headers: this.#headers(head, id), body };
    } catch (error) {
      const problem =
        error instanceof ProblemError
          ? error
          : new ProblemError(500, "the service failed; its log says why", { cause: error });
      status = problem.status;
      if (status === 500)
        log("error", "request failed", { requestId: id, error: error instanceof Error ? error.stack : String(error) });
      const reply = problemReply(problem);
      return { ...reply, headers: { ...reply.headers, ...access.corsHeaders(head), "x-request-id": id } };
    } finally {
      const ms = performance.now() - start;
      counter.end(route, status, ms);
      span?.end(status);
      if (isLogged("debug"))
        log("debug", "request", { requestId: id, traceId: readTrace(head)?.traceId, route, status, ms });
    }
  }

  #headers(head: Head, id: string): Record<string, string> {
    const headers = { "content-type": "application/json", "x-content-type-options": "nosniff", "x-request-id": id };
    return this.#options.access.isCrossOrigin ? { ...headers, ...this.#options.access.corsHeaders(head) } : headers;
  }
}
