import type { Worker } from "node:cluster";
import type { Watched } from "./core.ts";

/** Asks a worker what it has seen. */
export interface Question {
  readonly kind: "ask";
  readonly id: number;
}
/** Tells the worker that wanted to know what all of them have seen. */
export interface Answer {
  readonly kind: "all";
  readonly id: number;
  readonly watched: readonly Watched[];
}

/** How long a worker's answer is waited for; then the others' go out without it. */
const ANSWER_MS = 1_000;

interface Open {
  readonly from: Worker;
  /** The worker's own number for it. */
  readonly id: number;
  readonly answers: Watched[];
  missing: number;
  readonly timer: NodeJS.Timeout;
}

/** Collects what every worker has seen, for the one that is asked for its metrics. */
export class WatchedByAll {
  readonly #workers: () => readonly Worker[];
  readonly #tell: (worker: Worker, message: Question | Answer) => void;
  /** By numbers of their own, since two workers may count alike. */
  readonly #open = new Map<number, Open>();
  #next = 0;

  constructor(workers: () => readonly Worker[], tell: (worker: Worker, message: Question | Answer) => void) {
    this.#workers = workers;
    this.#tell = tell;
  }

  want(from: Worker, id: number): void {
    const key = this.#next++;
    const workers = this.#workers();
    const timer = setTimeout(() => this.#finish(key), ANSWER_MS);
    this.#open.set(key, { from, id, answers: [], missing: workers.length, timer });
    for (const worker of workers) this.#tell(worker, { kind: "ask", id: key });
  }

  told(key: number, watched: Watched): void {
    const open = this.#open.get(key);
    if (!open) return;
    open.answers.push(watched);
    if (--open.missing === 0) this.#finish(key);
  }

  #finish(key: number): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    clearTimeout(open.timer);
    this.#tell(open.from, { kind: "all", id: open.id, watched: open.answers });
  }
}
