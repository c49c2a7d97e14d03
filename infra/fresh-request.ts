import { get } from "node:http";
import { text } from "node:stream/consumers";
import { HealthAnswer } from "../service/contract.ts";

const ANSWER_SECONDS = 5;

/** Sends a GET on a new connection, so that the current listener answers. Throws if there is no answer within 5 s. */
export function askFresh(url: string): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    const sent = get(url, { agent: false, timeout: ANSWER_SECONDS * 1000 }, (answer) => {
      text(answer).then((body) => done({ status: answer.statusCode ?? 0, body }), fail);
    });
    sent.once("timeout", () => sent.destroy(new Error(`${url} did not answer within ${ANSWER_SECONDS} s`)));
    sent.once("error", fail);
  });
}

/** Parses the body by the health contract; undefined for anything else. */
export function parseHealth(body: string) {
  try {
    return HealthAnswer.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/**
 * Describes in words what callers reach. Does not throw.
 * @param url base URL for callers, without a slash at the end
 */
export async function servedAt(url: string): Promise<string> {
  try {
    const { body } = await askFresh(`${url}/health`);
    const health = parseHealth(body);
    return health ? `version ${health.version} serves callers at ${url}` : `${url} answers ${body.slice(0, 100)}`;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    // Any other error, such as a name that cannot be resolved, says nothing about other machines.
    return code === "ECONNREFUSED"
      ? `nothing serves callers at ${url} (${message})`
      : `it is unknown what serves callers at ${url} (${message})`;
  }
}
