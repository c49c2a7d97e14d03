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

/** Whether nothing listens at the address any more. An engine that is slow to answer is alive. */
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
 * Exits when the engine that started this process has been killed. Otherwise the process would run forever, with its current call and
 * whatever that call was about to do.
 *
 * The engine holds the other end of stdin, even with a shell in between. A closed pipe is a hint, as is a new parent process; this
 * process exits only when nothing listens at the engine's address either.
 */
export function endWithEngine(address: string | undefined = engineAddress): void {
  if (address === undefined || watched) return;
  watched = true;
  const endIfGone = async () => {
    if (await isGone(address)) process.exit(1);
  };
  const parent = process.ppid;
  let hinted = false;
  const hint = () => {
    hinted = true;
    void endIfGone();
  };
  process.stdin.once("end", hint).once("error", hint).resume();
  // For a pipe this is a net.Socket; it must not keep an otherwise idle process alive.
  if ("unref" in process.stdin) process.stdin.unref();
  setInterval(() => {
    if (hinted || process.ppid !== parent) void endIfGone();
  }, POLL_MS).unref();
}

let watched = false;
