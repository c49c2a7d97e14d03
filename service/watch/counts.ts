import type { ClassName, Prediction } from "../../data/prediction.ts";

/** Upper bounds of the latency histogram's buckets, in seconds. */
export const LATENCY_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Upper bounds of the batch size histogram's buckets, in rows. */
export const BATCH_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

/** A histogram as plain numbers, not cumulative. The last count is for values above all bounds. */
export interface HistogramCounts {
  readonly counts: number[];
  sum: number;
}

/** All counts of a process, as plain JSON, which the processes of a cluster exchange and add up. */
export interface Counts {
  /** By `route status`. */
  readonly requests: Record<string, number>;
  readonly latency: Record<string, HistogramCounts>;
  readonly batchRows: HistogramCounts;
  /** Predictions by class. */
  readonly classes: Record<string, number>;
  /** Requests of probes, by `route status`. All other counts exclude them. */
  readonly probes: Record<string, number>;
  readonly inFlight: number;
  readonly queuedRows: number;
}

/** Maximum number of classes to count separately; all others are counted as "other". */
const MAX_CLASSES = 100;

/** Counts with minimal overhead, because it runs for every request. Plain numbers become metrics only on a scrape. */
export class Counter {
  /** Nested maps, which are cheaper than concatenating a key from route and status. */
  readonly #routes = new Map<string, { readonly statuses: Map<number, number>; readonly latency: HistogramCounts }>();
  readonly #batchRows = histogram(BATCH_BOUNDS);
  readonly #classes = new Map<ClassName, number>();
  readonly #probes: Record<string, number> = {};
  #inFlight = 0;

  counts(queuedRows: number): Counts {
    const requests: Record<string, number> = {};
    const latencies: Record<string, HistogramCounts> = {};
    for (const [route, { statuses, latency }] of this.#routes) {
      latencies[route] = latency;
      for (const [status, count] of statuses) requests[`${route} ${status}`] = count;
    }
    return {
      requests,
      latency: latencies,
      batchRows: this.#batchRows,
      classes: Object.fromEntries(this.#classes),
      probes: this.#probes,
      inFlight: this.#inFlight,
      queuedRows,
    };
  }

  begin(): void {
    this.#inFlight++;
  }

  /** Records the end of a request that began `ms` milliseconds ago. */
  end(route: string, status: number, ms: number): void {
    this.#inFlight--;
    let counted = this.#routes.get(route);
    if (!counted) {
      counted = { statuses: new Map(), latency: histogram(LATENCY_BOUNDS) };
      this.#routes.set(route, counted);
    }
    counted.statuses.set(status, (counted.statuses.get(status) ?? 0) + 1);
    observe(counted.latency, LATENCY_BOUNDS, ms / 1000);
  }

  /** Records the end of a probe's request. */
  endProbe(route: string, status: number): void {
    this.#inFlight--;
    const key = `${route} ${status}`;
    this.#probes[key] = (this.#probes[key] ?? 0) + 1;
  }

  /** Records a run of the model. */
  countRun(rows: number, prediction: Prediction): void {
    observe(this.#batchRows, BATCH_BOUNDS, rows);
    if (prediction.kind === "values") return;
    const { classes: names, codes } = prediction;
    const classes = this.#classes;
    for (let row = 0; row < codes.length; row++) {
      const label = names[codes[row] as number] as ClassName;
      const seen = classes.get(label);
      if (seen !== undefined) classes.set(label, seen + 1);
      else if (classes.size < MAX_CLASSES) classes.set(label, 1);
      else classes.set("other", (classes.get("other") ?? 0) + 1);
    }
  }
}

const histogram = (bounds: readonly number[]): HistogramCounts => ({
  counts: new Array<number>(bounds.length + 1).fill(0),
  sum: 0,
});

function observe(histogram: HistogramCounts, bounds: readonly number[], value: number): void {
  let bucket = 0;
  while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
  histogram.counts[bucket] = (histogram.counts[bucket] as number) + 1;
  histogram.sum += value;
}

/** Adds up the counts of several processes. */
export function addCounts(all: readonly Counts[]): Counts {
  const sum = new Counter().counts(0);
  let [inFlight, queuedRows] = [0, 0];
  // A map, because a class may be named like an object's property, such as constructor.
  const classes = new Map<string, number>();
  for (const one of all) {
    for (const [key, count] of Object.entries(one.requests)) sum.requests[key] = (sum.requests[key] ?? 0) + count;
    for (const [key, count] of Object.entries(one.probes)) sum.probes[key] = (sum.probes[key] ?? 0) + count;
    for (const [key, count] of Object.entries(one.classes)) classes.set(key, (classes.get(key) ?? 0) + count);
    for (const [route, latency] of Object.entries(one.latency)) {
      sum.latency[route] ??= histogram(LATENCY_BOUNDS);
      add(sum.latency[route], latency);
    }
    add(sum.batchRows, one.batchRows);
    inFlight += one.inFlight;
    queuedRows += one.queuedRows;
  }
  return { ...sum, classes: Object.fromEntries(classes), inFlight, queuedRows };
}

function add(to: HistogramCounts, { counts, sum }: HistogramCounts): void {
  for (const [bucket, count] of counts.entries()) to.counts[bucket] = (to.counts[bucket] ?? 0) + count;
  to.sum += sum;
}
