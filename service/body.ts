import { ProblemError } from "./problem.ts";

/**
 * Reads a request's body as JSON. Throws ProblemError: 415 unless it is uncompressed application/json in UTF-8, 413 as soon as it is known
 * to be longer than `maxBytes`, whether it says its length or comes in chunks, 400 when it is not JSON.
 */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const { headers } = request;
  const type = headers.get("content-type");
  if (type !== "application/json" && !JSON_TYPE.test(type ?? ""))
    throw new ProblemError(415, `send application/json in UTF-8, not ${type ?? "a body without content-type"}`, {
      headers: { "accept-post": "application/json" },
    });
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw new ProblemError(415, "send the body without content-encoding", {
      headers: { "accept-encoding": "identity" },
    });
  const text = await readText(request, headers.get("content-length"), maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ProblemError(400, `the body is not JSON${where(cause)}`, { cause });
  }
}

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Node's HTTP parser holds a body to its content-length, so a body that says it is short enough is read in one go. */
async function readText(request: Request, length: string | null, maxBytes: number): Promise<string> {
  if (length === null) return readChunks(request, maxBytes);
  if (Number(length) > maxBytes) throw tooLong(maxBytes);
  try {
    return await request.text();
  } catch (cause) {
    throw new ProblemError(400, "the body ended too early", { cause });
  }
}

async function readChunks(request: Request, maxBytes: number): Promise<string> {
  const reader = request.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // The reader is not cancelled when the body is too long: that would cut the connection before the answer is out.
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks, size).toString("utf8");
      size += value.length;
      if (size > maxBytes) throw tooLong(maxBytes);
      chunks.push(value);
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError(400, "the body ended too early", { cause });
  }
}

const tooLong = (maxBytes: number) =>
  new ProblemError(413, `the body is longer than the ${maxBytes} bytes that are taken: send fewer rows a request`);

/** The parser's own message quotes the body; only the position is passed on. */
function where(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "" : ` (position ${position})`;
}
