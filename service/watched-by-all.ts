import type { Worker } from "node:cluster";
import type { Watched } from "./api.ts";

/** Asks a worker for its observations. */
export interface Question {
  readonly kind: "ask";
  readonly id: number;
}
/** Sends a worker the observations of all workers. */
export interface Answer {
  readonly kind: "all";
  readonly id: number;
  readonly watched: readonly Watched[];
}

/** How long to wait for a worker's answer, in milliseconds; then the others' are sent without it. */
const ANSWER_MS = 1_000;

interface Open {
  readonly from: Worker;
  /** The asking worker's own id for the question. */
  readonly id: number;
  readonly answers: Watched[];
  missing: number;
  readonly timer: NodeJS.Timeout;
}

/** Collects the observations of all workers for the one that serves /metrics. */
export class WatchedByAll {
  readonly #workers: () => readonly Worker[];
  readonly #tell: (worker: Worker, message: Question | Answer) => void;
  /** By ids of the primary, since two workers may use the same id. */
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
