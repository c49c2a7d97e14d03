import type { Server } from "node:net";

/**
 * Makes a server listen; answers the URL. Throws with a way out when the address cannot be had.
 * @param isShared other processes of this user may listen on the port as well, if they say so too; connections are spread over them
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
  const say = (message: string) => new Error(message, { cause: error });
  if (error.code === "EADDRINUSE")
    return say(
      `port ${port} on ${host} is in use. Stop what listens there, or set PORT to another port (0: any free one)`,
    );
  if (error.code === "ENOTSUP")
    return say("this system cannot share a port between processes: leave SHARED_PORT out and restart on PORT");
  if (error.code === "EACCES")
    return say(`port ${port} on ${host} may not be used by this user. Set PORT to one above 1023`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return say(`this machine has no address ${host}. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses`);
  return error;
}
