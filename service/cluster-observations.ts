import type { Worker } from "node:cluster";
import type { Observations } from "./api.ts";

/** Requests a worker's observations. */
export interface ObserveMessage {
  readonly kind: "observe";
  readonly id: number;
}
/** Sends a worker the observations of all workers. */
export interface CollectedMessage {
  readonly kind: "collected";
  readonly id: number;
  readonly observations: readonly Observations[];
}

/** Maximum wait for a worker's answer, in milliseconds. After that, the others' are sent without it. */
const ANSWER_MS = 1_000;

interface Collection {
  readonly from: Worker;
  /** The requesting worker's id for the request. */
  readonly id: number;
  readonly answers: Observations[];
  missing: number;
  readonly timer: NodeJS.Timeout;
}

/** Collects the observations of all workers for the worker that serves /metrics. */
export class ClusterObservations {
  readonly #workers: () => readonly Worker[];
  readonly #send: (worker: Worker, message: ObserveMessage | CollectedMessage) => void;
  /** Pending collections by an id of the primary, because two workers may use the same id. */
  readonly #pending = new Map<number, Collection>();
  #next = 0;

  constructor(
    workers: () => readonly Worker[],
    send: (worker: Worker, message: ObserveMessage | CollectedMessage) => void,
  ) {
    this.#workers = workers;
    this.#send = send;
  }

  /** Starts a collection. @param id the worker's id for the request */
  collect(from: Worker, id: number): void {
    const key = this.#next++;
    const workers = this.#workers();
    const timer = setTimeout(() => this.#finish(key), ANSWER_MS);
    this.#pending.set(key, { from, id, answers: [], missing: workers.length, timer });
    for (const worker of workers) this.#send(worker, { kind: "observe", id: key });
  }

  /** Adds a worker's observations. */
  receive(key: number, observations: Observations): void {
    const collection = this.#pending.get(key);
    if (!collection) return;
    collection.answers.push(observations);
    if (--collection.missing === 0) this.#finish(key);
  }

  #finish(key: number): void {
    const collection = this.#pending.get(key);
    if (!collection) return;
    this.#pending.delete(key);
    clearTimeout(collection.timer);
    this.#send(collection.from, { kind: "collected", id: collection.id, observations: collection.answers });
  }
}
