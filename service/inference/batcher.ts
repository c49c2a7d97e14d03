import type { Prediction } from "../../data/prediction.ts";
import type { Table } from "../../data/table.ts";
import type { OnnxModel, Run } from "../predictor/predictor.ts";
import { TableJoiner } from "./table-joiner.ts";

/** A request's part of a batch: rows `start` to `start + rows` of the run's result. */
export interface Share {
  readonly run: Run;
  readonly start: number;
  readonly rows: number;
}

/** The request was rejected before the model ran: the queue was full, or the request waited too long. */
export class OverloadError extends Error {
  override readonly name = "OverloadError";
}

export interface BatcherOptions {
  /** Maximum rows per batch. A larger request runs alone and is never split. */
  readonly maxBatchRows?: number;
  /** Maximum rows in the queue. An empty queue accepts any request. */
  readonly maxQueueRows?: number;
  /** Maximum wait of a request for its run, in milliseconds. */
  readonly maxWaitMs?: number;
  /** Called after each run, without the rows of probes. If the batch had probes, scores and values are omitted. */
  readonly onRun?: (prediction: Prediction, table: Table) => void;
}

type Model = Pick<OnnxModel, "run">;

interface Waiting {
  readonly table: Table;
  readonly since: number;
  readonly isProbe: boolean;
  readonly resolve: (share: Share) => void;
  readonly reject: (error: unknown) => void;
}

/** After a run that blocked the event loop for this long, in milliseconds, the batcher first catches up on pending requests. */
const LONG_RUN_MS = 5;
/** Turns of the event loop without a new request after which none is considered pending. One turn accepts a connection; the next reads from it. */
const QUIET_TURNS = 4;

/**
 * Collects the requests that arrive within one turn of the event loop and runs the model once for all of them. Calling the model costs more than its
 * arithmetic, so batching determines the throughput. There is no timer: a request waits until the end of its turn, or not at all while each turn brings
 * only one request. The previous turn decides which case applies, because the current turn's requests are not known yet; a wrong guess costs one extra
 * run. Each turn has at most one run of the queue, so that a queue of large requests does not delay probes.
 */
export class Batcher {
  readonly #model: Model;
  readonly #options: Required<BatcherOptions>;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #scheduled = false;
  /** After a long run: until when to read requests that arrived meanwhile (performance.now()); 0 when not catching up. */
  #catchUpUntil = 0;
  /** Consecutive turns without a new request since that run. */
  #quietTurns = 0;
  /** Requests in this turn, and in the last turn that had any. */
  #arrivals = 0;
  #previousArrivals = 0;
  readonly #joiner = new TableJoiner();

  constructor(model: Model, options: BatcherOptions = {}) {
    this.#model = model;
    this.#options = {
      maxBatchRows: 1024,
      maxQueueRows: 65_536,
      maxWaitMs: 10_000,
      onRun: () => {},
      ...options,
    };
  }

  /** Number of rows in the queue. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /**
   * Queues or runs a request. Calls exactly one of resolve and reject, once, now or later; neither may throw. Read the share immediately: see
   * OnnxModel.run. Rejects with OverloadError, or with the model's error for these rows alone.
   * @param isProbe whether to exclude the rows from onRun; probes run like other requests
   */
  predict(table: Table, resolve: (share: Share) => void, reject: (error: unknown) => void, isProbe = false): void {
    const { maxQueueRows } = this.#options;
    const { rows } = table;
    this.#arrivals++;
    if (this.#waitingRows > 0 && this.#waitingRows + rows > maxQueueRows) {
      reject(new OverloadError(`the queue is full: ${this.#waitingRows} rows are waiting`));
      return;
    }
    if (!this.#scheduled && this.#previousArrivals <= 1)
      this.#runAndCatchUp([{ table, since: 0, isProbe, resolve, reject }]);
    else {
      this.#waiting.push({ table, since: performance.now(), isProbe, resolve, reject });
      this.#waitingRows += rows;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  /** Runs at the end of a turn that brought a request or left some in the queue. */
  readonly #turn = (): void => {
    const arrivals = this.#arrivals;
    this.#arrivals = 0;
    if (arrivals > 0) this.#previousArrivals = arrivals;
    if (this.#isCatchingUp(arrivals)) {
      setImmediate(this.#turn);
      return;
    }
    this.#scheduled = false;
    if (this.#waiting.length > 0) this.#runAndCatchUp(this.#next());
    if (this.#waiting.length > 0) this.#schedule();
  };

  /**
   * Runs a batch; after a slow run, starts to catch up. While a model runs, nothing is read, and each turn of the event loop accepts only one new
   * connection. Catching up queues or rejects the requests that arrived meanwhile, for up to the run's duration. Otherwise each would wait for
   * another run, and be rejected after its client has given up.
   */
  #runAndCatchUp(batch: readonly Waiting[]): void {
    const start = performance.now();
    this.#run(batch);
    const end = performance.now();
    if (end - start < LONG_RUN_MS) return;
    this.#catchUpUntil = end + (end - start);
    this.#quietTurns = 0;
    this.#schedule();
  }

  #isCatchingUp(arrivals: number): boolean {
    if (this.#catchUpUntil === 0) return false;
    this.#quietTurns = arrivals === 0 ? this.#quietTurns + 1 : 0;
    if (this.#quietTurns < QUIET_TURNS && performance.now() < this.#catchUpUntil) return true;
    this.#catchUpUntil = 0;
    return false;
  }

  #next(): Waiting[] {
    const { maxBatchRows, maxWaitMs } = this.#options;
    let rows = 0;
    let count = 0;
    for (const one of this.#waiting) {
      if (count > 0 && rows + one.table.rows > maxBatchRows) break;
      rows += one.table.rows;
      count++;
    }
    const batch = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count);
    this.#waiting = batch === this.#waiting ? [] : this.#waiting.slice(count);
    this.#waitingRows -= rows;
    const [first] = batch;
    if (!first) return batch;
    const oldest = performance.now() - maxWaitMs;
    // The first request has waited longest: if it is in time, all are.
    if (first.since >= oldest) return batch;
    const inTime = batch.filter((one) => one.since >= oldest);
    for (const one of batch)
      if (one.since < oldest) one.reject(new OverloadError(`the request waited for more than ${maxWaitMs} ms`));
    return inTime.length > 0 ? inTime : this.#next();
  }

  #run(batch: readonly Waiting[]): void {
    const [first] = batch;
    if (!first) return;
    let table = first.table;
    let run: Run;
    try {
      if (batch.length > 1) table = this.#joiner.join(batch.map((one) => one.table));
      run = this.#model.run(table);
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // A single request's rows may have caused the failure, so each request runs alone.
      else for (const one of batch) this.#run([one]);
      return;
    }
    const { prediction } = run;
    if (!batch.some(({ isProbe }) => isProbe)) this.#options.onRun(prediction, table);
    else this.#reportCallers(batch, prediction);
    let start = 0;
    for (const { table, resolve } of batch) {
      resolve({ run, start, rows: table.rows });
      start += table.rows;
    }
  }

  #reportCallers(batch: readonly Waiting[], prediction: Prediction): void {
    const callers = batch.filter(({ isProbe }) => !isProbe);
    if (callers.length === 0) return;
    const table = this.#joiner.join(callers.map((one) => one.table));
    if (prediction.kind === "values") {
      this.#options.onRun({ ...prediction, data: new Float32Array(0) }, table);
      return;
    }
    const codes = new Int32Array(table.rows);
    let [start, next] = [0, 0];
    for (const { table: one, isProbe } of batch) {
      if (!isProbe) {
        codes.set(prediction.codes.subarray(start, start + one.rows), next);
        next += one.rows;
      }
      start += one.rows;
    }
    this.#options.onRun({ kind: "classes", classes: prediction.classes, named: prediction.named, codes }, table);
  }
}
