import cluster, { type Worker } from "node:cluster";
import { createServer, type Socket } from "node:net";
import type { Watched } from "./api.ts";
import { listen } from "./listen.ts";
import type { ModelIdentity } from "./model-source.ts";
import { onStopSignal, type Prepared, prepare, sayListening } from "./process.ts";
import type { Settings } from "./settings.ts";
import { log, sayFailure } from "./watch/log.ts";
import { type Answer, type Question, WatchedByAll } from "./watched-by-all.ts";

type FromWorker =
  | { readonly kind: "ready"; readonly model: ModelIdentity }
  /** Cannot start: it ends with 1 then. */
  | { readonly kind: "failed"; readonly why: string }
  /** Wants to know what every worker has seen. */
  | { readonly kind: "want"; readonly id: number }
  /** What this one has seen. */
  | { readonly kind: "tell"; readonly id: number; readonly watched: Watched };
type ToWorker =
  /** Sent along with the socket. */
  { readonly kind: "take" } | { readonly kind: "stop"; readonly signal: string } | Question | Answer;

/** After this many crashes a worker is not restarted: a restart does not fix the cause. */
const MAX_RESTARTS = 5;

/**
 * Serves with `WORKERS` processes. The primary accepts connections and hands them to the workers round-robin; node:cluster would, too, but resets
 * accepted connections when its workers stop. A crashed worker is replaced. A shutdown first closes the port, then sends "stop" to the workers
 * after their last connection, so that each worker drains.
 */
export async function serve(settings: Settings): Promise<void> {
  if (cluster.isPrimary) lead(settings);
  else await work(settings);
}

function lead(settings: Settings): void {
  let isListening = false;
  let isStopping = false;
  let restarts = 0;
  let hasSaidWhy = false;
  /** Receive connections in turn, from the front. */
  const ready: Worker[] = [];
  const workers = () => Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker !== undefined);
  const tell = (worker: Worker, message: ToWorker, socket?: Socket) => {
    if (worker.isConnected()) worker.process.send(message, socket);
  };
  const taker = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    const worker = ready.shift();
    if (worker) {
      ready.push(worker);
      tell(worker, { kind: "take" }, socket);
    } else socket.destroy();
  });
  const stop = async (signal: string) => {
    isStopping = true;
    // One more turn: accept the connections in the kernel's queue before the listening socket closes.
    await new Promise(setImmediate);
    if (isListening) taker.close();
    for (const worker of workers()) tell(worker, { kind: "stop", signal });
    if (workers().length === 0) process.exit();
  };
  /** Logged once: all workers fail to start for the same reason. */
  const sayWhy = (why: string) => {
    if (!hasSaidWhy) sayFailure(why);
    hasSaidWhy = true;
  };
  const giveUp = () => {
    process.exitCode = 1;
    if (!isStopping) void stop("giving up");
  };
  const begin = async (model: ModelIdentity) => {
    isListening = true;
    sayListening(await listen(taker, settings.HOST, settings.PORT), model);
  };
  const watched = new WatchedByAll(() => ready, tell);
  cluster.on("message", (worker: Worker, message: FromWorker) => {
    if (message.kind === "want") watched.want(worker, message.id);
    else if (message.kind === "tell") watched.told(message.id, message.watched);
    else if (message.kind === "failed") sayWhy(message.why);
    else {
      ready.push(worker);
      if (isListening) return;
      begin(message.model).catch((error: Error) => {
        sayWhy(error.message);
        giveUp();
      });
    }
  });
  cluster.on("exit", (worker, code, signal) => {
    if (ready.includes(worker)) ready.splice(ready.indexOf(worker), 1);
    if (isStopping) {
      if (workers().length === 0) process.exit();
      // With exit code 1 the worker has already reported why it cannot start.
    } else if (code === 1 || ++restarts > MAX_RESTARTS) giveUp();
    else {
      log("error", "a worker exited and is replaced", { worker: worker.process.pid, code, signal });
      cluster.fork();
    }
  });
  onStopSignal((signal) => void stop(signal));
  for (let index = 0; index < settings.WORKERS; index++) cluster.fork();
}

async function work(settings: Settings): Promise<void> {
  // Signals to the process group reach workers as well; a worker stops only once the primary has closed the port.
  onStopSignal(() => {});
  const wanted = new Map<number, (watched: readonly Watched[]) => void>();
  let next = 0;
  const send = (message: FromWorker) => process.send?.(message);
  const collect = () =>
    new Promise<readonly Watched[]>((resolve) => {
      const id = next++;
      wanted.set(id, resolve);
      send({ kind: "want", id });
    });
  let prepared: Prepared | undefined;
  // Before the model loads: a message without a listener is lost, and a worker that misses "stop" never exits.
  process.on("message", (message: ToWorker, socket?: Socket) => {
    if (message.kind === "take") {
      // Closed before it arrived: the message comes without a socket.
      if (socket) prepared?.service.take(socket);
    } else if (message.kind === "stop") {
      // The primary sends connections only to workers that reported ready.
      if (prepared) void prepared.stop(message.signal);
      else process.exit(0);
    } else if (message.kind === "ask") {
      if (prepared) send({ kind: "tell", id: message.id, watched: prepared.service.api.watched() });
    } else {
      wanted.get(message.id)?.(message.watched);
      wanted.delete(message.id);
    }
  });
  try {
    prepared = await prepare(settings, collect);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await new Promise((sent) => process.send?.({ kind: "failed", why } satisfies FromWorker, sent));
    process.exit(1);
  }
  const { model } = prepared;
  send({ kind: "ready", model });
}
