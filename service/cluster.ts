import cluster, { type Worker } from "node:cluster";
import type { Watched } from "./core.ts";
import { serve as serveAlone } from "./process.ts";
import type { Settings } from "./settings.ts";
import { log } from "./watch/log.ts";

/** Between the processes; `all` is answered with what every worker has seen. */
type Message =
  | { readonly kind: "ask"; readonly id: number }
  | { readonly kind: "tell"; readonly id: number; readonly watched: Watched }
  | { readonly kind: "want"; readonly id: number }
  | { readonly kind: "all"; readonly id: number; readonly watched: readonly Watched[] };

/** How long a worker's answer is waited for; then the others' go out without it. */
const ANSWER_MS = 1_000;
/** A worker that ends so often is not started again: something is wrong that a restart does not mend. */
const MAX_RESTARTS = 5;

/**
 * Serves by `WORKERS` processes that share the port. A worker that dies is replaced; a stop stops all of them, and each answers what it has. Known
 * limit: node:cluster resets connections that its primary has taken and no worker takes any more, so that a stop under load is without loss
 * only for one process.
 */
export async function serve(settings: Settings): Promise<void> {
  if (cluster.isPrimary) return lead(settings);
  const { collect, answer } = collector();
  const { watched } = await serveAlone(settings, collect);
  answer(watched);
}

function lead(settings: Settings): void {
  let stopping = false;
  let restarts = 0;
  for (let index = 0; index < settings.WORKERS; index++) cluster.fork();
  const questions = new Map<string, { from: Worker; answers: Watched[]; missing: number; timer: NodeJS.Timeout }>();
  const finish = (key: string, id: number) => {
    const question = questions.get(key);
    if (!question) return;
    questions.delete(key);
    clearTimeout(question.timer);
    if (question.from.isConnected())
      question.from.send({ kind: "all", id, watched: question.answers } satisfies Message);
  };
  let next = 0;
  cluster.on("message", (from: Worker, message: Message) => {
    if (message.kind === "want") {
      // Each question has a number of its own here, since two workers may count alike.
      const id = next++;
      const others = Object.values(cluster.workers ?? {}).filter(
        (worker): worker is Worker => worker?.isConnected() ?? false,
      );
      const timer = setTimeout(() => finish(String(id), message.id), ANSWER_MS);
      questions.set(String(id), { from, answers: [], missing: others.length, timer });
      pending.set(id, message.id);
      for (const worker of others) worker.send({ kind: "ask", id } satisfies Message);
    } else if (message.kind === "tell") {
      const question = questions.get(String(message.id));
      if (!question) return;
      question.answers.push(message.watched);
      if (--question.missing === 0) finish(String(message.id), pending.get(message.id) ?? 0);
    }
  });
  const pending = new Map<number, number>();
  cluster.on("exit", (worker, code, signal) => {
    if (stopping) {
      if (Object.keys(cluster.workers ?? {}).length === 0) process.exit(0);
      return;
    }
    if (code === 1 || ++restarts > MAX_RESTARTS) {
      // It has said why it cannot start.
      stopping = true;
      for (const other of Object.values(cluster.workers ?? {})) other?.process.kill("SIGTERM");
      process.exitCode = 1;
      return;
    }
    log("error", "a worker ended and is replaced", { worker: worker.process.pid, code, signal });
    cluster.fork();
  });
  const stop = () => {
    if (stopping) return;
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGTERM");
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
}

/** A worker's side. */
function collector() {
  const wanted = new Map<number, (watched: readonly Watched[]) => void>();
  let next = 0;
  const collect = () =>
    new Promise<readonly Watched[]>((resolve) => {
      const id = next++;
      wanted.set(id, resolve);
      process.send?.({ kind: "want", id } satisfies Message);
    });
  const answer = (watched: () => Watched) =>
    process.on("message", (message: Message) => {
      if (message.kind === "ask")
        process.send?.({ kind: "tell", id: message.id, watched: watched() } satisfies Message);
      else if (message.kind === "all") {
        wanted.get(message.id)?.(message.watched);
        wanted.delete(message.id);
      }
    });
  return { collect, answer };
}
