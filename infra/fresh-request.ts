import { get } from "node:http";
import { text } from "node:stream/consumers";
import { HealthAnswer } from "../service/contract.ts";

const TIMEOUT_SECONDS = 5;

/** Sends a GET on a new connection, so that the current listener answers. Throws if there is no response within 5 s. */
export function getFresh(url: string): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    const sent = get(url, { agent: false, timeout: TIMEOUT_SECONDS * 1000 }, (answer) => {
      text(answer).then((body) => done({ status: answer.statusCode ?? 0, body }), fail);
    });
    sent.once("timeout", () => sent.destroy(new Error(`${url} did not answer within ${TIMEOUT_SECONDS} s`)));
    sent.once("error", fail);
  });
}

/** Parses the body of /health, or returns undefined if it does not match the contract. */
export function parseHealth(body: string) {
  try {
    return HealthAnswer.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/**
 * Describes what callers reach, in one clause. Never throws.
 * @param url base URL for callers, without a slash at the end
 */
export async function describeServed(url: string): Promise<string> {
  try {
    const { body } = await getFresh(`${url}/health`);
    const health = parseHealth(body);
    return health ? `version ${health.version} serves callers at ${url}` : `${url} answers ${body.slice(0, 100)}`;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    // Any other error, such as a name that cannot be resolved, may affect only this machine.
    return code === "ECONNREFUSED"
      ? `nothing serves callers at ${url} (${message})`
      : `it is unknown what serves callers at ${url} (${message})`;
  }
}
