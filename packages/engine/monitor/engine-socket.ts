/**
 * The socket of the engine's gRPC server. It is open before the server is loaded, so that the program can start immediately;
 * early connections wait. The socket file is in a private folder, so no other user can connect.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Maximum length of a socket's path on macOS; Linux allows a few more characters. */
const MAX_SOCKET_PATH = 103;

export interface EngineSocket {
  readonly address: string;
  /** Hands every connection to the server, waiting ones first. */
  open(take: (socket: Socket) => void): void;
  close(): void;
}

/** Hands over a connection, which was paused so that no data is lost. */
function admit(socket: Socket, take: (socket: Socket) => void): void {
  take(socket);
  socket.resume();
}

export async function openEngineSocket(): Promise<EngineSocket> {
  let folder = mkdtempSync(join(tmpdir(), "pulumi-"));
  if (join(folder, "engine.sock").length > MAX_SOCKET_PATH) {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync("/tmp/pulumi-");
  }
  const path = join(folder, "engine.sock");
  const waiting: Socket[] = [];
  let take: ((socket: Socket) => void) | undefined;
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    // A killed client resets its connection; that is not a failure of the engine.
    socket.on("error", () => undefined);
    if (take) admit(socket, take);
    else waiting.push(socket);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  return {
    address: `unix://${path}`,
    open(taker) {
      take = taker;
      for (const socket of waiting.splice(0)) admit(socket, taker);
    },
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
