import { BODY_FORMATS, type BodyFormat } from "../inference/body-formats.ts";
import type { Inference, Route } from "../inference/inference.ts";
import type { Counter } from "../watch/counts.ts";
import { isLogged, log } from "../watch/log.ts";
import type { Spans } from "../watch/telemetry.ts";
import type { Access } from "./access.ts";
import { checkBodyHead, mediaTypeOf } from "./body.ts";
import { ProblemError, problemReply } from "./problem.ts";
import { type Head, isCountedSeparately, type Reply } from "./reply.ts";
import { readTrace, requestId } from "./request-id.ts";

const OTHER_TYPES = Object.keys(BODY_FORMATS);

export interface EndpointOptions {
  readonly inference: Inference;
  readonly access: Access;
  readonly counter: Counter;
  /** Maximum size of a request body. */
  readonly maxBodyBytes: number;
  /** Undefined if tracing is off. */
  readonly spans?: Spans | undefined;
}

/**
 * Handles a prediction request from its headers to its response, independent of the transport: app.ts uses Hono, node-path.ts uses Node's request and
 * response. Every request ends in exactly one reply, which is counted, and logged if it is an internal error.
 */
export class Endpoint {
  readonly #options: EndpointOptions;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  get maxBodyBytes(): number {
    return this.#options.maxBodyBytes;
  }

  /** Begins a request. @param caller remote address */
  begin(route: Route, head: Head, caller: string): Call {
    return new Call(this.#options, route, head, caller);
  }

  /** Handles a whole request. @param readBody called only if the headers are valid */
  async answer(route: Route, head: Head, caller: string, readBody: () => Promise<Buffer>): Promise<Reply> {
    const call = this.begin(route, head, caller);
    try {
      call.check();
      const body = await readBody();
      return await new Promise((resolve) => call.predict(body, resolve));
    } catch (error) {
      return call.fail(error);
    }
  }
}

/** A request in progress. Exactly one call of `predict` or `fail` ends it. */
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

  /** Validates the headers. @throws ProblemError */
  check(): void {
    const { access, maxBodyBytes } = this.#options;
    access.check(this.#head, this.#caller);
    checkBodyHead(this.#head, maxBodyBytes, this.#route === "/invocations" ? OTHER_TYPES : []);
  }

  /** Predicts the body's rows. Calls `respond` exactly once with the reply, now or later; `respond` must not throw. */
  predict(body: Buffer, respond: (reply: Reply) => void): void {
    this.#options.inference.answer(
      this.#route,
      body,
      (answer) => {
        respond(this.#reply(answer));
        // Counted after the reply is sent, so that the caller does not wait for metrics.
        this.#end(200);
      },
      (error) => respond(this.fail(error)),
      { isProbe: this.#isProbe, format: this.#format() },
    );
  }

  /** Returns the body's format; undefined for JSON. */
  #format(): BodyFormat | undefined {
    return this.#route === "/invocations" ? BODY_FORMATS[mediaTypeOf(this.#head) ?? ""] : undefined;
  }

  /** Ends the request with an error. Returns the reply. */
  fail(error: unknown): Reply {
    const problem =
      error instanceof ProblemError
        ? error
        : new ProblemError(500, "internal error; see the service's log", { cause: error });
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
    if (isCountedSeparately(this.#isProbe, status)) counter.endProbe(this.#route, status);
    else counter.end(this.#route, status, ms);
    this.#span?.end(status);
    if (isLogged("debug"))
      log("debug", "request", {
        requestId: this.#id,
        traceId: readTrace(this.#head)?.traceId,
        route: this.#route,
        status,
        ms,
      });
  }
}
