import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Returns an unused TCP port of the loopback interface, below the ephemeral ports (Linux from 32768, macOS from 49152). A server on
 * port 0 in a concurrent test can therefore not take it first.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((done, fail) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? done(false) : fail(error)));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
