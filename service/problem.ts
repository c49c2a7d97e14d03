import { STATUS_CODES } from "node:http";
import type { Problem } from "./contract.ts";

export type ProblemStatus = 400 | 404 | 405 | 413 | 415 | 422 | 500 | 503;

/** An error that owns its HTTP answer. `detail` is for the caller: no stack, no path of this machine. */
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

/** The answer to a request that failed, by RFC 9457. */
export function problemResponse({ status, message: detail, pointer, headers }: ProblemError): Response {
  const problem: Problem = { type: "about:blank", title: STATUS_CODES[status] ?? "", status, detail };
  if (pointer !== undefined) problem.pointer = pointer;
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "content-type": "application/problem+json", "x-content-type-options": "nosniff", ...headers },
  });
}
