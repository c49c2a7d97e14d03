import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "../inference/inference.ts";
import { tooLong } from "./body.ts";
import type { Endpoint } from "./endpoint.ts";
import { ProblemError } from "./problem.ts";
import { type Head, PROBE_HEADER, type Reply } from "./reply.ts";

/**
 * Handles a prediction request directly on Node's request and response. Hono's adapter would add a web Request, a Response and streams, which cost more
 * than the prediction itself.
 */
export function answerOnNode(
  endpoint: Endpoint,
  route: Route,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const call = endpoint.begin(route, new NodeHead(incoming.headers), incoming.socket.remoteAddress ?? "");
  let isAnswered = false;
  const respond = (reply: Reply) => {
    isAnswered = true;
    // Nothing to send: the client has disconnected.
    if (outgoing.destroyed) return;
    // If the body is complete, Node discards any unread rest itself.
    if (reply.status === 413 && !incoming.complete) sendAndLinger(reply, incoming, outgoing);
    else send(reply, outgoing);
  };
  try {
    call.check();
  } catch (error) {
    respond(call.fail(error));
    return;
  }
  let only: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    if (isAnswered) return;
    size += chunk.length;
    if (size > endpoint.maxBodyBytes) respond(call.fail(tooLong(endpoint.maxBodyBytes)));
    else if (only === undefined) only = chunk;
    else if (chunks === undefined) chunks = [only, chunk];
    else chunks.push(chunk);
  });
  incoming.on("end", () => {
    if (!isAnswered) call.predict(chunks === undefined ? (only ?? NOTHING) : Buffer.concat(chunks, size), respond);
  });
  incoming.on("error", (cause) => {
    if (!isAnswered) respond(call.fail(new ProblemError(400, "the body ended prematurely", { cause })));
  });
}

const NOTHING = Buffer.alloc(0);

/** Reads headers lazily. Node has already joined repeated ones. */
class NodeHead implements Head {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get host() {
    return this.#headers.host;
  }
  get origin() {
    return this.#headers.origin;
  }
  get authorization() {
    return this.#headers.authorization;
  }
  get contentType() {
    return this.#headers["content-type"];
  }
  get contentEncoding() {
    return this.#headers["content-encoding"];
  }
  get contentLength() {
    return this.#headers["content-length"];
  }
  get requestId() {
    return this.#headers["x-request-id"] as string | undefined;
  }
  get traceparent() {
    return this.#headers.traceparent as string | undefined;
  }
  get isProbe() {
    return this.#headers[PROBE_HEADER] !== undefined;
  }
}

export function send({ status, headers, body, isAscii = false }: Reply, outgoing: ServerResponse): void {
  const length = isAscii ? body.length : Buffer.byteLength(body);
  outgoing.writeHead(status, [...headers, "content-length", `${length}`]);
  outgoing.end(body, isAscii ? "latin1" : "utf8");
}

/** Maximum time to discard the rest of a body, in milliseconds. */
const LONGEST_LINGER = 2000;

/**
 * Replies to a client that is still sending, then closes the connection. Closing at once would reset the connection and lose the reply, so this reads
 * and discards the rest of the body for a limited time.
 */
function sendAndLinger({ status, headers, body }: Reply, incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(status, [...headers, "content-length", `${Buffer.byteLength(body)}`, "connection", "close"]);
  outgoing.write(body);
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LONGEST_LINGER);
  incoming.once("end", end).once("close", end).resume();
}
