import { Agent, request } from "node:http";

export interface LoadResult {
  /** Requests with status 200. */
  answered: number;
  /** Refused new connections, on which nothing was sent. */
  refused: number;
  /** All other requests: sent, but not answered successfully. */
  readonly lost: string[];
}

/** Posts `body` to the URL over `connections` keep-alive connections, one request at a time on each, until they are refused. */
export async function loadUntilRefused(url: string, body: string, connections: number): Promise<LoadResult> {
  const result: LoadResult = { answered: 0, refused: 0, lost: [] };
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      const outcome = await post(agent, url, body);
      if (outcome === "200") result.answered++;
      else {
        if (outcome === "ECONNREFUSED") result.refused++;
        else result.lost.push(outcome);
        agent.destroy();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  return result;
}

const post = (agent: Agent, url: string, body: string) =>
  new Promise<string>((done) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { agent, method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => done(String(response.statusCode)));
      response.once("error", (error: NodeJS.ErrnoException) => done(`in the answer: ${error.code}`));
    });
    sent.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    sent.end(body);
  });
