import { PredictorError } from "../../service/predictor/errors.ts";
import type { Predictor } from "../../service/predictor/predictor.ts";
import { calibrationBins, calibrationError } from "../calibration.ts";
import {
  balancedAccuracyOf,
  brierScore,
  type Confusion,
  confusion,
  f1Of,
  logLoss,
  precisionOf,
  recallOf,
} from "../metrics.ts";
import { averagePrecision, type Ranking, rank, rankedRocAuc } from "../ranking.ts";
import type { BinaryClasses, Snapshot } from "../snapshot.ts";
import { LabelReader } from "./label-reader.ts";

/** What the gate knows about a model after it has answered the evaluation snapshot. */
export interface Evaluation {
  readonly rows: number;
  readonly labels: Int32Array;
  /** One a row. */
  readonly predicted: Int32Array;
  /** Probability of the positive class, one a row; undefined for models that give none. */
  readonly positive?: Float64Array;
  /** Largest distance from 1 of the sum of a row's probabilities; 0 for models that give none. */
  readonly sumError: number;
  /** Undefined for models that give no probabilities. */
  readonly ranking?: Ranking;
  readonly metrics: Metrics;
  readonly confusion: Confusion;
  /** The first rows and what the model answered: a deployment must answer the same. */
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Features in the order of the model's signature, as float32. */
  readonly features: readonly number[];
  /** As the model says it. */
  readonly label: number | string;
  /** Second of its probabilities, which is that of class 1 or of the class that sorts last; null for models that give none. */
  readonly positive: number | null;
}

/** Enough to notice another model or another order of columns; few enough to read. */
const SAMPLES = 20;

/** Named as scikit-learn names its metrics, and defined as there. Absent: not defined for these rows or this model. */
export interface Metrics {
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly roc_auc?: number;
  /** Average precision. */
  readonly pr_auc?: number;
  readonly log_loss?: number;
  readonly brier?: number;
  /** Expected calibration error. */
  readonly ece?: number;
}

/** Rows a run: enough to make the cost of a call vanish, few enough to keep the copies small. */
const BATCH = 8_192;

/** A random forest adds its trees' votes in float32, and may come to 1.0000013. What is further off is no probability. */
const ROUNDING = 1e-5;

/** The model's input is not what the snapshot has. */
export class SignatureMismatch extends PredictorError {}

/** The model answers what is no label or no probability. */
export class ImpossibleAnswer extends PredictorError {}

/** What a model answered, row by row. */
export interface Answers {
  readonly predicted: Int32Array;
  /** As the model gives them: rounding may take one a little beyond 0 and 1. */
  readonly positive?: Float64Array;
  /** Largest distance from 1 of the sum of a row's probabilities. */
  readonly sumError: number;
  /** What the model itself said of the first rows: its label, and the second of its probabilities. */
  readonly first: readonly { readonly label: number | string; readonly second: number | undefined }[];
}

/**
 * Lets the model answer a snapshot, with the predictor that will serve it.
 * @throws PredictorError when model and snapshot do not fit (SignatureMismatch), or when the model fails on the way
 */
export async function evaluate(predictor: Predictor, snapshot: Snapshot): Promise<Evaluation> {
  const { rows, labels } = snapshot;
  const order = columnOrder(predictor, snapshot);
  const {
    predicted,
    positive,
    sumError,
    first: said,
  } = await answer(predictor, rows, (start, size) => batch(snapshot, order, start, size), snapshot.classes);
  const first = Math.min(SAMPLES, rows);
  const width = order.length;
  const inputs = batch(snapshot, order, 0, first);
  const samples = Array.from({ length: first }, (_, row) => ({
    features: [...inputs.subarray(row * width, (row + 1) * width)],
    label: said[row]?.label ?? Number.NaN,
    positive: said[row]?.second ?? null,
  }));
  // After the samples: a deployment is asked for what the model says, rounding included.
  if (positive) clip(positive);
  const ranking = positive && rank(labels, positive);
  const counts = confusion(labels, predicted);
  return {
    ...{
      rows,
      labels,
      predicted,
      sumError,
      confusion: counts,
      samples,
      metrics: metricsOf(counts, labels, positive, ranking),
    },
    ...(positive && { positive }),
    ...(ranking && { ranking }),
  };
}

/**
 * Runs a model over many rows, some thousands at a time.
 * @param inputs gives rows of features in the model's order, row-major
 * @param classes how the data name the classes; without them they are 0 and 1
 */
export async function answer(
  predictor: Predictor,
  rows: number,
  inputs: (start: number, size: number) => Float32Array,
  classes?: BinaryClasses,
): Promise<Answers> {
  const reader = new LabelReader(classes);
  const first: { label: number | string; second: number | undefined }[] = [];
  let column: 0 | 1 = 1;
  const predicted = new Int32Array(rows);
  let positive: Float64Array | undefined;
  let sumError = 0;
  for (let start = 0; start < rows; start += BATCH) {
    const size = Math.min(BATCH, rows - start);
    const { labels, probabilities, classes: width, values } = await predictor.predict(inputs(start, size), size);
    if (values)
      throw new ImpossibleAnswer("the model answers numbers instead of labels: binary classifiers are judged");
    for (let row = 0; row < size; row++) {
      const label = labels[row] as number | string;
      const meaning = reader.read(label);
      if (meaning === undefined)
        throw new ImpossibleAnswer(
          `the model labels row ${start + row} as ${label}, the snapshot's labels are ${reader.names}${classes ? "" : ". Other classes are named with data.classes and data.positive"}`,
        );
      if (start + row < SAMPLES) first.push({ label, second: probabilities?.[row * 2 + 1] });
      if (start + row === 0) column = reader.positiveColumn(label);
      predicted[start + row] = meaning;
    }
    if (!probabilities) continue;
    if (width !== 2) throw new ImpossibleAnswer(`the model gives ${width} probabilities a row: it must be 2`);
    positive ??= new Float64Array(rows);
    for (let row = 0; row < size; row++) {
      const [zero, one] = [probabilities[row * 2] as number, probabilities[row * 2 + 1] as number];
      for (const value of [one, zero])
        if (!(value >= -ROUNDING && value <= 1 + ROUNDING))
          throw new ImpossibleAnswer(
            `the model's probability for row ${start + row} is ${value}, it must be between 0 and 1`,
          );
      positive[start + row] = column === 1 ? one : zero;
      sumError = Math.max(sumError, Math.abs(zero + one - 1));
    }
  }
  return { predicted, sumError, first, ...(positive && { positive }) };
}

function clip(probabilities: Float64Array): void {
  for (let row = 0; row < probabilities.length; row++)
    probabilities[row] = Math.min(1, Math.max(0, probabilities[row] as number));
}

function metricsOf(counts: Confusion, labels: Int32Array, positive?: Float64Array, ranking?: Ranking): Metrics {
  const { tn, tp, fp, fn } = counts;
  return {
    accuracy: (tp + tn) / (tn + fp + fn + tp),
    balanced_accuracy: balancedAccuracyOf(counts),
    precision: precisionOf(counts),
    recall: recallOf(counts),
    f1: f1Of(counts),
    ...(positive && {
      log_loss: logLoss(labels, positive),
      brier: brierScore(labels, positive),
      ece: calibrationError(calibrationBins(labels, positive)),
    }),
    // Not defined when the rows are all of one class.
    ...(ranking && tp + fn > 0 && tn + fp > 0 && { roc_auc: rankedRocAuc(ranking), pr_auc: averagePrecision(ranking) }),
  };
}

/**
 * Where each of the model's columns stands in the snapshot: a model that names its columns gets them by name, and the snapshot
 * may then have more, such as one that groups are made of.
 */
export function columnOrder({ signature }: Pick<Predictor, "signature">, { path, columns, unfit }: Snapshot): number[] {
  const { columns: wanted, features } = signature;
  // That is the data's fault, and no verdict on the model.
  const [reason] = [...(unfit ?? [])].flatMap(([name, why]) => (!wanted || wanted.includes(name) ? [why] : []));
  if (reason !== undefined)
    throw new Error(
      wanted
        ? `${reason}. The model takes this column: leave out its rows without a number, or fill them`
        : `${reason}. The model does not name its columns and so takes all of them: drop the column with data.ignore`,
    );
  if (!wanted && features !== columns.length)
    throw new SignatureMismatch(
      `the model takes ${features} features, the snapshot ${path} has ${columns.length}: ${columns.join(", ")}`,
    );
  const missing = (wanted ?? []).filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new SignatureMismatch(`the snapshot ${path} lacks columns of the model's signature: ${missing.join(", ")}`);
  return (wanted ?? columns).map((name) => columns.indexOf(name));
}

/** Rows of a snapshot as the model takes them: float32, in its order of columns. */
export function batch(
  { features, columns }: Snapshot,
  order: readonly number[],
  start: number,
  size: number,
): Float32Array {
  const [from, to] = [columns.length, order.length];
  const rows = new Float32Array(size * to);
  for (let column = 0; column < to; column++) {
    const offset = start * from + (order[column] as number);
    for (let row = 0; row < size; row++) rows[row * to + column] = features[offset + row * from] as number;
  }
  return rows;
}
