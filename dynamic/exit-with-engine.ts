import { connect } from "node:net";

/**
 * Address (`host:port`) of the engine, if this is the process in which the Pulumi CLI runs dynamic resources
 * (`@pulumi/pulumi/cmd/dynamic-provider`); undefined in every other process.
 */
export const engineAddress: string | undefined = /[\\/]cmd[\\/]dynamic-provider([\\/]index\.js)?$/.test(
  process.argv[1] ?? "",
)
  ? process.argv[2]
  : undefined;

const POLL_MS = 1_000;
const CONNECT_MS = 2_000;

/** Returns whether nothing listens at the address any more. A slow engine counts as alive. */
export function isGone(address: string): Promise<boolean> {
  const cut = address.lastIndexOf(":");
  const socket = connect({ host: address.slice(0, cut), port: Number(address.slice(cut + 1)), timeout: CONNECT_MS });
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(false));
    socket.once("timeout", () => resolve(false));
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  }).finally(() => socket.destroy());
}

/**
 * Exits when the engine that started this process has been killed. Otherwise the process would run forever and carry its current call
 * through to the end.
 *
 * The engine holds the other end of stdin, even with a shell in between. A closed pipe or a new parent process is only a hint. This
 * process exits when, in addition, nothing listens at the engine's address.
 */
export function exitWithEngine(address: string | undefined = engineAddress): void {
  if (address === undefined || watched) return;
  watched = true;
  const exitIfGone = async () => {
    if (await isGone(address)) process.exit(1);
  };
  const parent = process.ppid;
  let hinted = false;
  const hint = () => {
    hinted = true;
    void exitIfGone();
  };
  process.stdin.once("end", hint).once("error", hint).resume();
  // A pipe is a net.Socket, which would keep an otherwise idle process alive.
  if ("unref" in process.stdin) process.stdin.unref();
  setInterval(() => {
    if (hinted || process.ppid !== parent) void exitIfGone();
  }, POLL_MS).unref();
}

let watched = false;
