import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface SeenRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void;

export interface TestServer extends AsyncDisposable {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
}

/** Starts an HTTP server on the loopback interface, by default on a free port. Disposing it closes its connections. */
export async function serve(handle: Handler, wanted = 0): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = "", url: path = "", headers } = incoming;
    const body = await text(incoming).catch(() => undefined);
    // The request was cut off.
    if (body === undefined) return;
    const request = { method, path, headers, body };
    requests.push(request);
    handle(request, response);
  });
  await new Promise<void>((done, fail) => server.once("error", fail).listen(wanted, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const dispose = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  const { port } = address;
  return { url: `http://127.0.0.1:${port}`, port, requests, [Symbol.asyncDispose]: dispose };
}

/** Responds with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200, contentType = "application/json"): void {
  response.writeHead(status, { "content-type": contentType }).end(JSON.stringify(value));
}
