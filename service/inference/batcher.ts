import type { OnnxClassifier, Predictions } from "../predictor/predictor.ts";

/** A request's part of a run of the model: rows start to start + rows of its predictions. */
export interface Share {
  readonly predictions: Predictions;
  readonly start: number;
  readonly rows: number;
}

/** Refused before the model saw it: more work is waiting than is taken, or it has waited too long. */
export class OverloadError extends Error {
  override readonly name = "OverloadError";
}

export interface BatcherOptions {
  /** Rows of a batch; a request of more rows than that runs alone, and is never split. */
  readonly maxBatchRows?: number;
  /** Rows that may wait; a request is taken all the same while nothing waits. */
  readonly maxQueueRows?: number;
  /** How long a request may wait for its run, milliseconds. */
  readonly maxWaitMs?: number;
  /** True while nobody else could send a request, so that waiting for others is in vain. */
  readonly isAlone?: () => boolean;
  /** Told of each run. */
  readonly onRun?: (rows: number, predictions: Predictions, features: Float32Array) => void;
}

type Model = Pick<OnnxClassifier, "run">;

interface Waiting {
  readonly features: Float32Array;
  readonly rows: number;
  readonly since: number;
  readonly resolve: (share: Share) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the rows of the requests that arrive within one turn of the event loop, and runs the model once for all of them. A call of the model
 * costs more than its arithmetic, so this is where throughput comes from. Nothing waits for a timer: a request waits for the end of its turn, and
 * a request that is alone does not wait at all. One run a turn, so that a queue of large requests does not keep probes waiting.
 */
export class Batcher {
  readonly #model: Model;
  readonly #options: Required<BatcherOptions>;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #scheduled = false;
  /** Reused: one run at a time. */
  #joined = new Float32Array(0);

  constructor(model: Model, options: BatcherOptions = {}) {
    this.#model = model;
    this.#options = {
      maxBatchRows: 1024,
      maxQueueRows: 65_536,
      maxWaitMs: 10_000,
      isAlone: () => false,
      onRun: () => {},
      ...options,
    };
  }

  /** Rows that wait for their run. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /**
   * Calls exactly one of resolve and reject, once, now or later; neither may throw. The share must be read at once: see OnnxClassifier.run.
   * Rejects with what the model throws for these rows alone, and with OverloadError.
   */
  predict(
    features: Float32Array,
    rows: number,
    resolve: (share: Share) => void,
    reject: (error: unknown) => void,
  ): void {
    const { maxQueueRows, isAlone } = this.#options;
    if (this.#waitingRows > 0 && this.#waitingRows + rows > maxQueueRows) {
      reject(new OverloadError(`${this.#waitingRows} rows are waiting already`));
      return;
    }
    if (this.#waitingRows === 0 && isAlone()) {
      this.#run([{ features, rows, since: 0, resolve, reject }]);
      return;
    }
    this.#waiting.push({ features, rows, since: performance.now(), resolve, reject });
    this.#waitingRows += rows;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#run(this.#next());
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #next(): Waiting[] {
    const { maxBatchRows, maxWaitMs } = this.#options;
    let rows = 0;
    let count = 0;
    for (const one of this.#waiting) {
      if (count > 0 && rows + one.rows > maxBatchRows) break;
      rows += one.rows;
      count++;
    }
    const batch = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = batch === this.#waiting ? [] : this.#waiting.slice(count);
    this.#waitingRows -= rows;
    const [first] = batch;
    if (!first) return batch;
    const oldest = performance.now() - maxWaitMs;
    // The first one has waited longest.
    if (first.since >= oldest) return batch;
    const inTime = batch.filter((one) => one.since >= oldest);
    for (const one of batch)
      if (one.since < oldest) one.reject(new OverloadError(`the request has waited for more than ${maxWaitMs} ms`));
    return inTime.length > 0 ? inTime : this.#next();
  }

  #run(batch: readonly Waiting[]): void {
    const [first] = batch;
    if (!first) return;
    let features = first.features;
    let rows = first.rows;
    let predictions: Predictions;
    try {
      if (batch.length > 1) [features, rows] = this.#join(batch);
      predictions = this.#model.run(features, rows);
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // One request's rows may be what the model failed on: each on its own shows which.
      else for (const one of batch) this.#run([one]);
      return;
    }
    this.#options.onRun(rows, predictions, features);
    let start = 0;
    for (const { rows, resolve } of batch) {
      resolve({ predictions, start, rows });
      start += rows;
    }
  }

  #join(batch: readonly Waiting[]): [features: Float32Array, rows: number] {
    let size = 0;
    let rows = 0;
    for (const one of batch) {
      size += one.features.length;
      rows += one.rows;
    }
    if (this.#joined.length < size) this.#joined = new Float32Array(Math.max(size, this.#joined.length * 2));
    let offset = 0;
    for (const { features } of batch) {
      this.#joined.set(features, offset);
      offset += features.length;
    }
    return [this.#joined.subarray(0, size), rows];
  }
}
