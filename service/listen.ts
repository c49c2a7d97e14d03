import type { Server } from "node:net";

/**
 * Node's HTTP, loaded without `import`: that would evaluate every export of the module, including WebSocket, and so load undici and HTTP/2, which takes a
 * fifth of the service's startup time.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http");

/**
 * Starts listening and returns the URL.
 * @param isShared whether other processes of this user may listen on the same port, if they also set this; the kernel distributes connections among them
 * @throws Error with a remedy if the address is not available
 */
export const listen = (server: Server, host: string, port: number, isShared = false): Promise<string> =>
  new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => fail(listenError(error, host, port)));
    server.listen({ port, host, ...(isShared && { reusePort: true }) }, () => {
      const address = server.address();
      const actual = typeof address === "object" && address ? address.port : port;
      done(`http://${host.includes(":") ? `[${host}]` : host}:${actual}`);
    });
  });

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const withCause = (message: string) => new Error(message, { cause: error });
  if (error.code === "EADDRINUSE")
    return withCause(
      `port ${port} on ${host} is in use. Stop the process that listens there, or set PORT to another port (0: any free port)`,
    );
  if (error.code === "ENOTSUP")
    return withCause(
      "this system does not support sharing a port between processes: unset SHARED_PORT and restart on PORT",
    );
  if (error.code === "EACCES")
    return withCause(`this user has no permission to use port ${port} on ${host}. Set PORT to a port above 1023`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return withCause(`this machine has no address ${host}. Set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses`);
  return error;
}
