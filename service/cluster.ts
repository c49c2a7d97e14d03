import cluster, { type Worker } from "node:cluster";
import { createServer, type Socket } from "node:net";
import type { Observations } from "./api.ts";
import { ClusterObservations, type CollectedMessage, type ObserveMessage } from "./cluster-observations.ts";
import { listen } from "./listen.ts";
import type { ModelIdentity } from "./model-source.ts";
import { onStopSignal, type Prepared, prepare, printListening } from "./process.ts";
import type { Settings } from "./settings.ts";
import { log, printFailure } from "./watch/log.ts";

type WorkerMessage =
  | { readonly kind: "ready"; readonly model: ModelIdentity }
  /** The worker cannot start, and exits with code 1. */
  | { readonly kind: "failed"; readonly why: string }
  /** Requests the observations of all workers. */
  | { readonly kind: "collect"; readonly id: number }
  /** The worker's own observations. */
  | { readonly kind: "observed"; readonly id: number; readonly observations: Observations };
type PrimaryMessage =
  /** Accompanies a connection's socket. */
  | { readonly kind: "connection" }
  | { readonly kind: "stop"; readonly signal: string }
  | ObserveMessage
  | CollectedMessage;

/** Maximum number of restarts after crashes: beyond it, a restart is unlikely to fix the cause. */
const MAX_RESTARTS = 5;

/**
 * Serves with `WORKERS` processes. The primary accepts connections and passes them to the workers round-robin. node:cluster could do so, but it resets
 * accepted connections when its workers stop. Crashed workers are replaced. On shutdown, the primary closes the port and then sends "stop" to each
 * worker, after its last connection, so that it drains.
 */
export async function serve(settings: Settings): Promise<void> {
  if (cluster.isPrimary) runPrimary(settings);
  else await runWorker(settings);
}

function runPrimary(settings: Settings): void {
  let isListening = false;
  let isStopping = false;
  let restarts = 0;
  let hasLoggedFailure = false;
  /** Workers in the order in which they receive connections. */
  const ready: Worker[] = [];
  const workers = () => Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker !== undefined);
  const send = (worker: Worker, message: PrimaryMessage, socket?: Socket) => {
    if (worker.isConnected()) worker.process.send(message, socket);
  };
  const acceptor = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    const worker = ready.shift();
    if (worker) {
      ready.push(worker);
      send(worker, { kind: "connection" }, socket);
    } else socket.destroy();
  });
  const stop = async (signal: string) => {
    isStopping = true;
    // Accepts the connections in the kernel's queue, in one more turn, before the listening socket closes.
    await new Promise(setImmediate);
    if (isListening) acceptor.close();
    for (const worker of workers()) send(worker, { kind: "stop", signal });
    if (workers().length === 0) process.exit();
  };
  /** Logs the reason once: all workers fail to start for the same reason. */
  const logFailure = (why: string) => {
    if (!hasLoggedFailure) printFailure(why);
    hasLoggedFailure = true;
  };
  const giveUp = () => {
    process.exitCode = 1;
    if (!isStopping) void stop("giving up");
  };
  const startListening = async (model: ModelIdentity) => {
    isListening = true;
    printListening(await listen(acceptor, settings.HOST, settings.PORT), model);
  };
  const observations = new ClusterObservations(() => ready, send);
  cluster.on("message", (worker: Worker, message: WorkerMessage) => {
    if (message.kind === "collect") observations.collect(worker, message.id);
    else if (message.kind === "observed") observations.receive(message.id, message.observations);
    else if (message.kind === "failed") logFailure(message.why);
    else {
      ready.push(worker);
      if (isListening) return;
      startListening(message.model).catch((error: Error) => {
        logFailure(error.message);
        giveUp();
      });
    }
  });
  cluster.on("exit", (worker, code, signal) => {
    if (ready.includes(worker)) ready.splice(ready.indexOf(worker), 1);
    if (isStopping) {
      if (workers().length === 0) process.exit();
      // A worker that exits with code 1 has reported why it cannot start.
    } else if (code === 1 || ++restarts > MAX_RESTARTS) giveUp();
    else {
      log("error", "a worker exited; starting a replacement", { worker: worker.process.pid, code, signal });
      cluster.fork();
    }
  });
  onStopSignal((signal) => void stop(signal));
  for (let index = 0; index < settings.WORKERS; index++) cluster.fork();
}

async function runWorker(settings: Settings): Promise<void> {
  // Ignores signals, which also reach workers if sent to the process group: a worker stops only once the primary has closed the port.
  onStopSignal(() => {});
  const pending = new Map<number, (observations: readonly Observations[]) => void>();
  let next = 0;
  const send = (message: WorkerMessage) => process.send?.(message);
  const collectObservations = () =>
    new Promise<readonly Observations[]>((resolve) => {
      const id = next++;
      pending.set(id, resolve);
      send({ kind: "collect", id });
    });
  let prepared: Prepared | undefined;
  // Registered before the model loads: a message without a listener is lost, and a worker that misses "stop" never exits.
  process.on("message", (message: PrimaryMessage, socket?: Socket) => {
    if (message.kind === "connection") {
      // Absent if the connection closed before the message arrived.
      if (socket) prepared?.service.accept(socket);
    } else if (message.kind === "stop") {
      // Without a prepared service there are no connections: the primary sends them only to ready workers.
      if (prepared) void prepared.stop(message.signal);
      else process.exit(0);
    } else if (message.kind === "observe") {
      if (prepared) send({ kind: "observed", id: message.id, observations: prepared.service.api.observations() });
    } else {
      pending.get(message.id)?.(message.observations);
      pending.delete(message.id);
    }
  });
  try {
    prepared = await prepare(settings, collectObservations);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await new Promise((sent) => process.send?.({ kind: "failed", why } satisfies WorkerMessage, sent));
    process.exit(1);
  }
  const { model } = prepared;
  send({ kind: "ready", model });
}
