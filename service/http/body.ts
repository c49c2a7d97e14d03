import { isUtf8 } from "node:buffer";
import { ProblemError } from "./problem.ts";
import type { Head } from "./reply.ts";

/**
 * Validates the headers that describe the body.
 * @param others additional media types that the route accepts
 * @throws ProblemError 415 unless the body is uncompressed UTF-8 in JSON or in one of the `others`, 413 if its declared length exceeds `maxBytes`
 */
export function checkBodyHead(head: Head, maxBytes: number, others: readonly string[] = []): void {
  const type = mediaTypeOf(head);
  if (type !== JSON_TYPE && !others.includes(type ?? "")) {
    const accepted = [JSON_TYPE, ...others];
    throw new ProblemError(
      415,
      `content-type must be ${accepted.join(" or ")} in UTF-8, but it is ${head.contentType ?? "missing"}`,
      { headers: { "accept-post": accepted.join(", ") } },
    );
  }
  const encoding = head.contentEncoding;
  if (encoding !== undefined && encoding !== "identity")
    throw new ProblemError(415, "content-encoding is not supported: send the body uncompressed", {
      headers: { "accept-encoding": "identity" },
    });
  if (Number(head.contentLength ?? 0) > maxBytes) throw tooLong(maxBytes);
}

const JSON_TYPE = "application/json";
const UTF8_TYPE = /^([a-z]+\/[a-z0-9.+-]+)[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Returns the media type in lower case; undefined if there is none or its charset is not UTF-8. */
export const mediaTypeOf = ({ contentType }: Pick<Head, "contentType">): string | undefined =>
  // Nearly all requests have exactly this header.
  contentType === JSON_TYPE ? JSON_TYPE : UTF8_TYPE.exec(contentType ?? "")?.[1]?.toLowerCase();

/** Decodes a body. @throws ProblemError 400 for invalid UTF-8, which decoding would silently replace */
export function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw new ProblemError(400, "the body is not valid UTF-8");
  return body.toString("utf8");
}

/**
 * Parses a JSON body.
 * @param takesNaN whether to read NaN, which Python's json module writes for a missing number, as null
 * @throws ProblemError 400 if the body is not JSON in UTF-8, or contains an unpaired surrogate, which is not a character
 */
export const parseJson = (body: Buffer, takesNaN = false): unknown => parseText(textOf(body), takesNaN);

/** Parses JSON text, like parseJson. */
export function parseText(text: string, takesNaN: boolean): unknown {
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
  // Only an escape sequence can encode an unpaired surrogate, and few bodies contain such escapes.
  if (SURROGATE.test(text)) checkTexts(value);
  return value;
}

const SURROGATE = /\\u[dD][89a-fA-F]/;

/** Checks all strings, including member names. @throws ProblemError 400 for an unpaired surrogate */
function checkTexts(root: unknown): void {
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && !value.isWellFormed())
      throw new ProblemError(
        400,
        "a string in the body contains an unpaired surrogate (\\ud800 to \\udfff), which is not a character",
      );
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      left.push(inner);
      if (!Array.isArray(value)) left.push(name);
    }
  }
}

/** Matches strings, and NaN outside of them. An unterminated string extends to the end, which keeps matching linear. */
const NAN = /"(?:[^"\\]|\\.)*(?:"|$)|NaN/gs;

/** Reads the body of a web request. @throws ProblemError 413 once it exceeds `maxBytes`, 400 if it ends prematurely */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  const reader = request.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    // Does not cancel the reader of a body that is too long: that would close the connection before the response is sent.
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks, size);
      size += value.length;
      if (size > maxBytes) throw tooLong(maxBytes);
      chunks.push(value);
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError(400, "the body ended prematurely", { cause });
  }
}

export const tooLong = (maxBytes: number) =>
  new ProblemError(413, `the body exceeds the limit of ${maxBytes} bytes: send fewer rows per request`);

/** Returns the position of a parser's error. Its message is not passed on, because it quotes the body. */
function where(error: unknown): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
  return position === undefined ? "" : ` (position ${position})`;
}
