import { type Agent, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** Sends a request over its own connection, unless there is an agent, with only these headers besides Host, Content-Length and Connection. */
export function nodeRequest(
  url: string,
  { method = "POST", headers = {}, body = "", agent }: NodeRequest,
): Promise<Response> {
  return new Promise((done, fail) => {
    const length = Buffer.byteLength(body);
    const sent = request(
      url,
      { method, agent: agent ?? false, headers: { "content-length": length, ...headers } },
      (answer) => {
        const list = new Headers();
        for (let at = 0; at < answer.rawHeaders.length; at += 2)
          list.append(answer.rawHeaders[at] as string, answer.rawHeaders[at + 1] as string);
        const { statusCode: status = 0 } = answer;
        const whole = (bytes: Buffer) => new Response(status === 204 ? null : bytes, { status, headers: list });
        buffer(answer).then((bytes) => done(whole(bytes)), fail);
      },
    );
    sent.once("error", fail).end(body);
  });
}

export interface NodeRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}
