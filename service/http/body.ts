import { ProblemError } from "./problem.ts";
import type { Head } from "./reply.ts";

/**
 * Throws ProblemError by what the head says of the body: 415 unless it is uncompressed application/json in UTF-8, 413 when it says that it is
 * longer than `maxBytes`.
 */
export function checkBodyHead(head: Head, maxBytes: number): void {
  const type = head.contentType;
  if (type !== "application/json" && !JSON_TYPE.test(type ?? ""))
    throw new ProblemError(415, `send application/json in UTF-8, not ${type ?? "a body without content-type"}`, {
      headers: { "accept-post": "application/json" },
    });
  const encoding = head.contentEncoding;
  if (encoding !== undefined && encoding !== "identity")
    throw new ProblemError(415, "send the body without content-encoding", {
      headers: { "accept-encoding": "identity" },
    });
  if (Number(head.contentLength ?? 0) > maxBytes) throw tooLong(maxBytes);
}

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Parses a body. Throws ProblemError: 400 when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new ProblemError(400, `the body is not JSON${where(cause)}`, { cause });
  }
}

/** Reads a web request's body. Throws ProblemError: 413 as soon as it is longer than `maxBytes`, 400 when it ends too early. */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const reader = request.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // The reader is not cancelled when the body is too long: that would cut the connection before the answer is out.
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks, size);
      size += value.length;
      if (size > maxBytes) throw tooLong(maxBytes);
      chunks.push(value);
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError(400, "the body ended too early", { cause });
  }
}

export const tooLong = (maxBytes: number) =>
  new ProblemError(413, `the body is longer than the ${maxBytes} bytes that are taken: send fewer rows a request`);

/** The parser's own message quotes the body; only the position is passed on. */
function where(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "" : ` (position ${position})`;
}
