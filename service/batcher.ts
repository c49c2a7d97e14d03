import type { Predictions, Predictor } from "./predictor/predictor.ts";

interface Waiting {
  readonly features: Float32Array;
  readonly rows: number;
  readonly resolve: (predictions: Predictions) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the rows of the requests that arrive within one turn of the event loop and runs the model once for all of them. A
 * call of the model costs more than its arithmetic, so this is where throughput comes from. Nothing waits for a timer: a single request
 * is delayed by one turn.
 */
export class Batcher {
  readonly #predictor: Pick<Predictor, "predict">;
  readonly #maxRows: number;
  #waiting: Waiting[] = [];

  /** @param maxRows of a batch; a request of more rows than that runs alone, and is never split */
  constructor(predictor: Pick<Predictor, "predict">, maxRows = 1024) {
    this.#predictor = predictor;
    this.#maxRows = maxRows;
  }

  /** As Predictor.predict. Fails only by its own rows or by a model that fails for these rows alone, too. */
  predict(features: Float32Array, rows: number): Promise<Predictions> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ features, rows, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    let batch: Waiting[] = [];
    let rows = 0;
    for (const one of waiting) {
      if (batch.length > 0 && rows + one.rows > this.#maxRows) {
        void this.#run(batch, rows);
        batch = [];
        rows = 0;
      }
      batch.push(one);
      rows += one.rows;
    }
    void this.#run(batch, rows);
  }

  /** Never rejects: each request is answered by its own promise. */
  async #run(batch: readonly Waiting[], rows: number): Promise<void> {
    const [first] = batch;
    if (!first) return;
    try {
      if (batch.length === 1) {
        first.resolve(await this.#predictor.predict(first.features, rows));
        return;
      }
      share(batch, await this.#predictor.predict(join(batch, rows), rows));
    } catch (error) {
      if (batch.length === 1) first.reject(error);
      // One request's rows may be what the model failed on: each on its own shows which.
      else for (const one of batch) void this.#run([one], one.rows);
    }
  }
}

function join(batch: readonly Waiting[], rows: number): Float32Array {
  const width = (batch[0]?.features.length ?? 0) / (batch[0]?.rows ?? 1);
  const features = new Float32Array(rows * width);
  let offset = 0;
  for (const one of batch) {
    features.set(one.features, offset);
    offset += one.features.length;
  }
  return features;
}

function share(batch: readonly Waiting[], { labels, probabilities, classes }: Predictions): void {
  let start = 0;
  for (const { rows, resolve } of batch) {
    const end = start + rows;
    const mine = { labels: labels.slice(start, end), classes };
    resolve(probabilities ? { ...mine, probabilities: probabilities.subarray(start * classes, end * classes) } : mine);
    start = end;
  }
}
