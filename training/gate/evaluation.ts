import { type Predictor, PredictorError } from "../../service/predictor/predictor.ts";
import { accuracy, type Confusion, confusion, f1, logLoss, rocAuc } from "../metrics.ts";
import type { Snapshot } from "../snapshot.ts";

/** What the gate knows about a model after it has answered the evaluation snapshot. */
export interface Evaluation {
  readonly rows: number;
  readonly labels: Int32Array;
  /** One a row. */
  readonly predicted: Int32Array;
  /** Probability of the positive class, one a row; undefined for models that give none. */
  readonly positive?: Float64Array;
  readonly metrics: Metrics;
  readonly confusion: Confusion;
  /** The first rows and what the model answered: a deployment must answer the same. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Features in the order of the model's signature, as float32. */
  readonly features: readonly number[];
  readonly label: number;
  /** Probability of the positive class; null for models that give none. */
  readonly positive: number | null;
}

/** Enough to notice another model or another order of columns; few enough to read. */
const SAMPLES = 20;

/** Named as scikit-learn names its metrics, and defined as there. */
export interface Metrics {
  readonly accuracy: number;
  readonly f1: number;
  readonly log_loss?: number;
  readonly roc_auc?: number;
}

/** Rows a run: enough to make the cost of a call vanish, few enough to keep the copies small. */
const BATCH = 8_192;

/**
 * Lets the model answer a snapshot, with the predictor that will serve it.
 * @throws PredictorError when model and snapshot do not fit, or when the model fails on the way
 */
export async function evaluate(predictor: Predictor, snapshot: Snapshot): Promise<Evaluation> {
  const { rows, labels, columns } = snapshot;
  const { signature } = predictor;
  if (signature.features !== columns.length)
    throw new PredictorError(
      `the model takes ${signature.features} features, the snapshot ${snapshot.path} has ${columns.length}: ${columns.join(", ")}`,
    );
  const order = columnOrder(signature.columns, columns);
  const predicted = new Int32Array(rows);
  let positive: Float64Array | undefined;
  for (let start = 0; start < rows; start += BATCH) {
    const size = Math.min(BATCH, rows - start);
    const answer = await predictor.predict(batch(snapshot, order, start, size), size);
    for (let row = 0; row < size; row++) predicted[start + row] = binary(answer.labels[row], start + row);
    if (answer.probabilities && answer.classes === 2) {
      positive ??= new Float64Array(rows);
      for (let row = 0; row < size; row++)
        positive[start + row] = probability(answer.probabilities[row * 2 + 1], start + row);
    }
  }
  const metrics: Metrics = {
    accuracy: accuracy(labels, predicted),
    f1: f1(labels, predicted),
    ...(positive && { log_loss: logLoss(labels, positive), roc_auc: rocAuc(labels, positive) }),
  };
  const first = Math.min(SAMPLES, rows);
  const width = columns.length;
  const inputs = batch(snapshot, order, 0, first);
  const samples = Array.from({ length: first }, (_, row) => ({
    features: [...inputs.subarray(row * width, (row + 1) * width)],
    label: predicted[row] ?? Number.NaN,
    positive: positive?.[row] ?? null,
  }));
  const counts = confusion(labels, predicted);
  return { rows, labels, predicted, ...(positive && { positive }), metrics, confusion: counts, samples };
}

/** What a model answers is the model's doing: a wrong answer is its failure and not one of the gate. */
function binary(label: number | undefined, row: number): number {
  if (label === 0 || label === 1) return label;
  throw new PredictorError(`the model labels row ${row} as ${label}, the snapshot's labels are 0 and 1`);
}

function probability(value = Number.NaN, row: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new PredictorError(`the model's probability for row ${row} is ${value}, it must be between 0 and 1`);
}

/** Where each of the model's columns stands in the snapshot: a model that names its columns gets them by name. */
function columnOrder(wanted: readonly string[] | undefined, present: readonly string[]): number[] {
  if (!wanted) return present.map((_, index) => index);
  const missing = wanted.filter((name) => !present.includes(name));
  if (missing.length > 0)
    throw new PredictorError(`the snapshot lacks columns of the model's signature: ${missing.join(", ")}`);
  return wanted.map((name) => present.indexOf(name));
}

function batch({ features, columns }: Snapshot, order: readonly number[], start: number, size: number): Float32Array {
  const width = columns.length;
  const rows = new Float32Array(size * width);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < width; column++)
      rows[row * width + column] = features[(start + row) * width + (order[column] ?? column)] ?? Number.NaN;
  return rows;
}
