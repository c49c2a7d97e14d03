import type { IncomingMessage, ServerResponse } from "node:http";
import type { Route } from "../inference/inference.ts";
import { tooLong } from "./body.ts";
import type { Endpoint } from "./endpoint.ts";
import { ProblemError } from "./problem.ts";
import type { Head, Reply } from "./reply.ts";

/**
 * Answers a request for predictions on Node's own request and response. It is what Hono's adapter would do, without a web Request, Response and
 * streams in between: these cost more than the prediction itself.
 */
export function answerOnNode(
  endpoint: Endpoint,
  route: Route,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const head: Head = { header: (name) => first(incoming.headers[name]) };
  const call = endpoint.begin(route, head, incoming.socket.remoteAddress ?? "");
  let isAnswered = false;
  const leave = (reply: Reply) => {
    isAnswered = true;
    // Nobody is there any more.
    if (outgoing.destroyed) return;
    // What is left of other bodies Node reads and forgets.
    if (reply.status === 413 && !incoming.complete) sendAndLinger(reply, incoming, outgoing);
    else send(reply, outgoing);
  };
  try {
    call.check();
  } catch (error) {
    leave(call.fail(error));
    return;
  }
  let only: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    if (isAnswered) return;
    size += chunk.length;
    if (size > endpoint.maxBodyBytes) leave(call.fail(tooLong(endpoint.maxBodyBytes)));
    else if (only === undefined) only = chunk;
    else if (chunks === undefined) chunks = [only, chunk];
    else chunks.push(chunk);
  });
  incoming.on("end", () => {
    if (!isAnswered) call.ask(chunks === undefined ? (only ?? NOTHING) : Buffer.concat(chunks, size), leave);
  });
  incoming.on("error", (cause) => {
    if (!isAnswered) leave(call.fail(new ProblemError(400, "the body ended too early", { cause })));
  });
}

const NOTHING = Buffer.alloc(0);
const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(", ") : value);

export function send({ status, headers, body }: Reply, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  outgoing.end(body);
}

/** Milliseconds. */
const LONGEST_LINGER = 2000;

/**
 * Answers somebody who is still sending, and takes no more requests on the connection. Closed at once, it would be reset, and the answer lost
 * with it: so the rest is read and forgotten, for a while.
 */
function sendAndLinger({ status, headers, body }: Reply, incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  outgoing.write(body);
  const end = () => {
    clearTimeout(timer);
    outgoing.end();
  };
  const timer = setTimeout(end, LONGEST_LINGER);
  incoming.once("end", end).once("close", end).resume();
}
