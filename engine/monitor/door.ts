/**
 * The address of the engine's gRPC server. It is open before the server is loaded, so that the program can start at once;
 * connections that come early wait. A socket file in a private folder: nobody else on the machine can connect.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The longest path that a socket can have on macOS; Linux has a few more. */
const LONGEST_SOCKET_PATH = 103;

export interface Door {
  readonly address: string;
  /** Hands every connection, those that wait first, to the server. */
  open(take: (socket: Socket) => void): void;
  close(): void;
}

/** It was held back so that nothing of what it says is lost. */
function admit(socket: Socket, take: (socket: Socket) => void): void {
  take(socket);
  socket.resume();
}

export async function openDoor(): Promise<Door> {
  let folder = mkdtempSync(join(tmpdir(), "pulumi-"));
  if (join(folder, "engine.sock").length > LONGEST_SOCKET_PATH) {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync("/tmp/pulumi-");
  }
  const path = join(folder, "engine.sock");
  const waiting: Socket[] = [];
  let take: ((socket: Socket) => void) | undefined;
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    // A client that is killed resets its connection; that is no failure of the engine.
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
