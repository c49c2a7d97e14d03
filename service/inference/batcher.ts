import type { Predictions, Predictor } from "../predictor/predictor.ts";

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
  /** True while no other request is on its way, so that waiting for others is in vain. */
  readonly isAlone?: () => boolean;
  /** Told of each run. */
  readonly onRun?: (rows: number, predictions: Predictions, features: Float32Array) => void;
}

interface Waiting {
  readonly features: Float32Array;
  readonly rows: number;
  readonly since: number;
  readonly resolve: (share: Share) => void;
  readonly reject: (error: unknown) => void;
}

/** A run of the model that keeps the event loop from reading requests for so long, milliseconds, is one that is caught up with. */
const LONG_RUN_MS = 5;
/** Turns of the event loop without a new request, after which none is on its way. One turn takes one connection, the next reads from it. */
const QUIET_TURNS = 4;

/**
 * Collects the rows of the requests that arrive within one turn of the event loop, or while the model is running, and runs the model once for
 * all of them. A call of the model costs more than its arithmetic, so this is where throughput comes from. Nothing waits for a timer: a
 * request waits for one turn, and a request that is alone does not wait at all.
 */
export class Batcher {
  readonly #predictor: Pick<Predictor, "predict">;
  readonly #options: Required<BatcherOptions>;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #running = false;
  #scheduled = false;
  /** Calls of predict() so far. */
  #asked = 0;
  /** Reused: one run at a time. */
  #joined = new Float32Array(0);

  constructor(predictor: Pick<Predictor, "predict">, options: BatcherOptions = {}) {
    this.#predictor = predictor;
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

  /** As Predictor.predict; also throws OverloadError. Fails only by its own rows or by a model that fails for these rows alone, too. */
  predict(features: Float32Array, rows: number): Promise<Share> {
    const { maxQueueRows, isAlone } = this.#options;
    this.#asked++;
    if (this.#waitingRows > 0 && this.#waitingRows + rows > maxQueueRows)
      return Promise.reject(new OverloadError(`${this.#waitingRows} rows are waiting already`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ features, rows, since: performance.now(), resolve, reject });
      this.#waitingRows += rows;
      if (this.#running || this.#scheduled) return;
      if (isAlone()) void this.#work();
      else {
        this.#scheduled = true;
        setImmediate(() => {
          this.#scheduled = false;
          if (!this.#running) void this.#work();
        });
      }
    });
  }

  /** Runs until nothing waits. Never rejects: each request is answered by its own promise. */
  async #work(): Promise<void> {
    this.#running = true;
    for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
      const start = performance.now();
      await this.#run(batch);
      await this.#catchUp(performance.now() - start);
    }
    this.#running = false;
  }

  /**
   * While a slow model ran nothing was read, and a turn of the event loop takes one new connection only. What came meanwhile is queued or
   * refused now, for as long as the run took: else it would wait for a run each, and be refused when nobody waits any more.
   */
  async #catchUp(ranMs: number): Promise<void> {
    if (ranMs < LONG_RUN_MS) return;
    const end = performance.now() + ranMs;
    for (let quiet = 0, seen = this.#asked; quiet < QUIET_TURNS && performance.now() < end; seen = this.#asked) {
      await new Promise(setImmediate);
      quiet = this.#asked === seen ? quiet + 1 : 0;
    }
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

  async #run(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    try {
      if (batch.length === 1) {
        const predictions = await this.#predictor.predict(first.features, first.rows);
        this.#options.onRun(first.rows, predictions, first.features);
        first.resolve({ predictions, start: 0, rows: first.rows });
        return;
      }
      const [features, rows] = this.#join(batch);
      const predictions = await this.#predictor.predict(features, rows);
      this.#options.onRun(rows, predictions, features);
      let start = 0;
      for (const { rows, resolve } of batch) {
        resolve({ predictions, start, rows });
        start += rows;
      }
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // One request's rows may be what the model failed on: each on its own shows which.
      else for (const one of batch) await this.#run([one]);
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
