import type { Prediction } from "../../data/prediction.ts";
import type { Table } from "../../data/table.ts";
import type { OnnxModel, Run } from "../predictor/predictor.ts";
import { TableJoiner } from "./table-joiner.ts";

/** A request's part of a run of the model: rows start to start + rows of its answer. */
export interface Share {
  readonly run: Run;
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
  /** Told of each run, but for the rows of probes, and there not of scores or values. */
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

/** A run of the model that keeps the event loop from reading requests for so long, milliseconds, is one that is caught up with. */
const LONG_RUN_MS = 5;
/** Turns of the event loop without a new request, after which none is on its way. One turn takes one connection, the next reads from it. */
const QUIET_TURNS = 4;

/**
 * Collects the rows of the requests that arrive within one turn of the event loop, and runs the model once for all of them. A call of the model
 * costs more than its arithmetic, so this is where throughput comes from. Nothing waits for a timer: a request waits for the end of its turn, and
 * where turns bring one request each, it does not wait at all. That is judged by the last turn, since what else has come is not known before it is
 * read; when it is wrong, one run more is made. One run a turn, so that a queue of large requests does not keep probes waiting.
 */
export class Batcher {
  readonly #model: Model;
  readonly #options: Required<BatcherOptions>;
  #waiting: Waiting[] = [];
  #waitingRows = 0;
  #scheduled = false;
  /** After a long run: when what came meanwhile has had its time to be taken in (of performance.now()); 0 when there is none to wait for. */
  #catchUpUntil = 0;
  /** Turns without a new request since then. */
  #quietTurns = 0;
  /** Calls of predict() in this turn, and in the last one that had any. */
  #asked = 0;
  #askedBefore = 0;
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

  /** Rows that wait for their run. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /**
   * Calls exactly one of resolve and reject, once, now or later; neither may throw. The share must be read at once: see OnnxModel.run.
   * Rejects with what the model throws for these rows alone, and with OverloadError.
   * @param isProbe they run as all others do, and onRun is not told of them
   */
  predict(table: Table, resolve: (share: Share) => void, reject: (error: unknown) => void, isProbe = false): void {
    const { maxQueueRows } = this.#options;
    const { rows } = table;
    this.#asked++;
    if (this.#waitingRows > 0 && this.#waitingRows + rows > maxQueueRows) {
      reject(new OverloadError(`${this.#waitingRows} rows are waiting already`));
      return;
    }
    if (!this.#scheduled && this.#askedBefore <= 1) this.#runAndLook([{ table, since: 0, isProbe, resolve, reject }]);
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

  /** The end of a turn that has brought a request, or has left some waiting. */
  readonly #turn = (): void => {
    const asked = this.#asked;
    this.#asked = 0;
    if (asked > 0) this.#askedBefore = asked;
    if (this.#isCatchingUp(asked)) {
      setImmediate(this.#turn);
      return;
    }
    this.#scheduled = false;
    if (this.#waiting.length > 0) this.#runAndLook(this.#next());
    if (this.#waiting.length > 0) this.#schedule();
  };

  /**
   * While a slow model ran nothing was read, and a turn of the event loop takes one new connection only. What came meanwhile is queued or
   * refused now, for as long as the run took: else it would wait for a run each, and be refused when nobody waits any more.
   */
  #runAndLook(batch: readonly Waiting[]): void {
    const start = performance.now();
    this.#run(batch);
    const end = performance.now();
    if (end - start < LONG_RUN_MS) return;
    this.#catchUpUntil = end + (end - start);
    this.#quietTurns = 0;
    this.#schedule();
  }

  #isCatchingUp(asked: number): boolean {
    if (this.#catchUpUntil === 0) return false;
    this.#quietTurns = asked === 0 ? this.#quietTurns + 1 : 0;
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
    let table = first.table;
    let run: Run;
    try {
      if (batch.length > 1) table = this.#joiner.join(batch.map((one) => one.table));
      run = this.#model.run(table);
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // One request's rows may be what the model failed on: each on its own shows which.
      else for (const one of batch) this.#run([one]);
      return;
    }
    const { prediction } = run;
    if (!batch.some(({ isProbe }) => isProbe)) this.#options.onRun(prediction, table);
    else this.#tellOfCallers(batch, prediction);
    let start = 0;
    for (const { table, resolve } of batch) {
      resolve({ run, start, rows: table.rows });
      start += table.rows;
    }
  }

  #tellOfCallers(batch: readonly Waiting[], prediction: Prediction): void {
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
