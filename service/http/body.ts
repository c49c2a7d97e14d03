import { isUtf8 } from "node:buffer";
import { ProblemError } from "./problem.ts";
import type { Head } from "./reply.ts";

/**
 * Throws ProblemError by what the head says of the body: 415 unless it is uncompressed application/json in UTF-8, or text/csv where that is taken, 413 when
 * it says that it is longer than `maxBytes`.
 */
export function checkBodyHead(head: Head, maxBytes: number, takesCsv = false): void {
  const type = head.contentType;
  if (type !== "application/json" && !JSON_TYPE.test(type ?? "") && !(takesCsv && isCsv(head)))
    throw new ProblemError(
      415,
      `send application/json${takesCsv ? " or text/csv" : ""} in UTF-8, not ${type ?? "a body without content-type"}`,
      { headers: { "accept-post": takesCsv ? "application/json, text/csv" : "application/json" } },
    );
  const encoding = head.contentEncoding;
  if (encoding !== undefined && encoding !== "identity")
    throw new ProblemError(415, "send the body without content-encoding", {
      headers: { "accept-encoding": "identity" },
    });
  if (Number(head.contentLength ?? 0) > maxBytes) throw tooLong(maxBytes);
}

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

const CSV_TYPE = /^text\/csv[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Whether the body is said to be CSV. */
export const isCsv = ({ contentType }: Pick<Head, "contentType">): boolean => CSV_TYPE.test(contentType ?? "");

/** A body's text. Throws ProblemError: 400 for bytes that are not UTF-8, which decoding would replace. */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new ProblemError(400, "the body is not UTF-8");
  return body.toString("utf8");
}

/**
 * Parses a body. Throws ProblemError: 400 when it is not JSON in UTF-8, or has half of a surrogate pair, which is no character.
 * @param takesNaN NaN, which Python's json module writes for a missing number, is read as null
 */
export const parseJson = (body: Buffer, takesNaN = false): unknown => parseText(textOf(body), takesNaN);

function parseText(text: string, takesNaN: boolean): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (takesNaN && text.includes("NaN"))
      return parseText(
        text.replace(NAN, (one) => (one === "NaN" ? "null" : one)),
        false,
      );
    throw new ProblemError(400, `the body is not JSON${where(cause)}`, { cause });
  }
  // Only an escape can stand for half of a pair, and few bodies have one.
  if (SURROGATE.test(text)) checkTexts(value);
  return value;
}

const SURROGATE = /\\u[dD][89a-fA-F]/;

/** Throws ProblemError for a text with half of a surrogate pair, names of members included. */
function checkTexts(root: unknown): void {
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && !value.isWellFormed())
      throw new ProblemError(
        400,
        "the body has a text with half of a surrogate pair (\\ud800 to \\udfff), which is no character",
      );
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      left.push(inner);
      if (!Array.isArray(value)) left.push(name);
    }
  }
}

/** NaN outside of texts; a text that does not end is one to the end, so that each character is looked at once. */
const NAN = /"(?:[^"\\]|\\.)*(?:"|$)|NaN/gs;

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
