import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A TCP port of the loopback interface that nothing listens on. It is below the ports that systems hand out by themselves
 * (Linux from 32768, macOS from 49152), so that no server on port 0 of a test beside this one takes it before it is used.
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
