import type { Problem } from "../contract.ts";
import { STATUS_CODES } from "../listen.ts";
import type { Reply } from "./reply.ts";

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 422 | 429 | 500 | 503;

/** An error with its HTTP status. `detail` is sent to the caller, so it must not contain a stack or a local path. */
export class ProblemError extends Error {
  readonly status: ProblemStatus;
  readonly pointer: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    detail: string,
    more: { pointer?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.name = "ProblemError";
    this.status = status;
    this.pointer = more.pointer;
    this.headers = more.headers ?? {};
  }
}

/** Creates the reply to a failed request (RFC 9457). */
export function problemReply({ status, message: detail, pointer, headers }: ProblemError): Reply {
  const problem: Problem = { type: "about:blank", title: STATUS_CODES[status] ?? "", status, detail };
  if (pointer !== undefined) problem.pointer = pointer;
  return {
    status,
    headers: [
      "content-type",
      "application/problem+json",
      "x-content-type-options",
      "nosniff",
      ...Object.entries(headers).flat(),
    ],
    body: JSON.stringify(problem),
  };
}

/** Creates the same reply as a web Response, for Hono. */
export const problemResponse = (error: ProblemError): Response => toResponse(problemReply(error));

export function toResponse({ status, headers, body }: Reply): Response {
  const list = new Headers();
  for (let at = 0; at < headers.length; at += 2) list.append(headers[at] as string, headers[at + 1] as string);
  return new Response(body, { status, headers: list });
}
