import type { Inference, Route } from "../inference/inference.ts";
import type { Counter } from "../watch/counts.ts";
import { isLogged, log } from "../watch/log.ts";
import type { Spans } from "../watch/spans.ts";
import type { Access } from "./access.ts";
import { checkBodyHead, isCsv } from "./body.ts";
import { isCountedApart } from "./probe.ts";
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

  /** Begins a request. @param caller address of the other end */
  begin(route: Route, head: Head, caller: string): Call {
    return new Call(this.#options, route, head, caller);
  }

  /** A request from its begin to its reply. @param readBody called only when the head is in order */
  async answer(route: Route, head: Head, caller: string, readBody: () => Promise<Buffer>): Promise<Reply> {
    const call = this.begin(route, head, caller);
    try {
      call.check();
      const body = await readBody();
      return await new Promise((resolve) => call.ask(body, resolve));
    } catch (error) {
      return call.fail(error);
    }
  }
}

/** A request that has begun. It is ended by exactly one of `ask` and `fail`. */
export class Call {
  readonly #options: EndpointOptions;
  readonly #route: Route;
  readonly #head: Head;
  readonly #caller: string;
  readonly #isProbe: boolean;
  readonly #start = performance.now();
  readonly #id: string;
  readonly #span: ReturnType<Spans["start"]> | undefined;

  constructor(options: EndpointOptions, route: Route, head: Head, caller: string) {
    this.#options = options;
    this.#route = route;
    this.#head = head;
    this.#caller = caller;
    this.#isProbe = head.isProbe;
    this.#id = requestId(head);
    this.#span = options.spans?.start(route, readTrace(head));
    options.counter.begin();
  }

  /** Throws ProblemError by what the head says. */
  check(): void {
    const { access, maxBodyBytes } = this.#options;
    access.check(this.#head, this.#caller);
    checkBodyHead(this.#head, maxBodyBytes, this.#route === "/invocations");
  }

  /** Calls `leave` with the reply, once, now or later; it may not throw. */
  ask(body: Buffer, leave: (reply: Reply) => void): void {
    this.#options.inference.answer(
      this.#route,
      body,
      (answer) => {
        leave(this.#reply(answer));
        // Counted when it is on its way: the caller waits for nothing that it does not need.
        this.#end(200);
      },
      (error) => leave(this.fail(error)),
      { isProbe: this.#isProbe, isCsv: this.#route === "/invocations" && isCsv(this.#head) },
    );
  }

  /** The reply that tells what went wrong. */
  fail(error: unknown): Reply {
    const problem =
      error instanceof ProblemError
        ? error
        : new ProblemError(500, "the service failed; its log says why", { cause: error });
    const { status } = problem;
    if (status === 500)
      log("error", "request failed", {
        requestId: this.#id,
        error: error instanceof Error ? error.stack : String(error),
      });
    const reply = problemReply(problem);
    this.#end(status);
    const cors = this.#options.access.corsHeaders(this.#head);
    return { ...reply, headers: [...reply.headers, ...Object.entries(cors).flat(), "x-request-id", this.#id] };
  }

  #reply(body: string): Reply {
    const { access } = this.#options;
    const headers = ["content-type", "application/json", "x-content-type-options", "nosniff", "x-request-id", this.#id];
    if (access.isCrossOrigin) headers.push(...Object.entries(access.corsHeaders(this.#head)).flat());
    return { status: 200, headers, body, isAscii: true };
  }

  #end(status: number): void {
    const ms = performance.now() - this.#start;
    const { counter } = this.#options;
    if (isCountedApart(this.#isProbe, status)) counter.endProbe(this.#route, status);
    else counter.end(this.#route, status, ms);
    this.#span?.end(status);
    if (isLogged("debug"))
      log("debug", "request", {
        ...{ requestId: this.#id, traceId: readTrace(this.#head)?.traceId },
        ...{ route: this.#route, status, ms },
      });
  }
}
