import type { ClassName, ClassPrediction, Scores } from "../../data/prediction.ts";
import type { Table } from "../../data/table.ts";
import { PredictorError } from "../../service/predictor/errors.ts";
import type { Predictor } from "../../service/predictor/predictor.ts";
import { columnNames } from "../../service/predictor/signature.ts";
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
  /** Features in the order of the model's signature, as its types hold them. */
  readonly features: readonly number[];
  /** As the model says it. */
  readonly label: ClassName;
  /** Probability of its class 1, or else the last of its probabilities; null for models that give none. */
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
  /** What the model itself said of the first rows, as Sample has it. */
  readonly first: readonly { readonly label: ClassName; readonly positive: number | undefined }[];
}

/**
 * Lets the model answer a snapshot, with the predictor that will serve it.
 * @throws PredictorError when model and snapshot do not fit (SignatureMismatch), or when the model fails on the way
 */
export async function evaluate(predictor: Predictor, snapshot: Snapshot): Promise<Evaluation> {
  const { rows, labels } = snapshot;
  const order = columnOrder(predictor, snapshot);
  const rowsFrom = (start: number, size: number) => batch(predictor, snapshot, order, start, size);
  const { predicted, positive, sumError, first } = await answer(predictor, rows, rowsFrom, snapshot.classes);
  const inputs = rowsFrom(0, first.length);
  const samples = first.map((said, row) => ({
    features: sampleOf(inputs, row),
    label: said.label,
    positive: said.positive ?? null,
  }));
  // After the samples: a deployment is asked for what the model says, rounding included.
  if (positive) clip(positive);
  const ranking = positive && rank(labels, positive);
  const counts = confusion(labels, predicted);
  return {
    rows,
    labels,
    predicted,
    sumError,
    confusion: counts,
    samples,
    metrics: metricsOf(counts, labels, positive, ranking),
    ...(positive && { positive }),
    ...(ranking && { ranking }),
  };
}

/**
 * Runs a model over many rows, some thousands at a time.
 * @param inputs gives rows of the model's columns, in its order
 * @param named how the data name the classes; without them they are 0 and 1
 */
export async function answer(
  predictor: Predictor,
  rows: number,
  inputs: (start: number, size: number) => Table,
  named?: BinaryClasses,
): Promise<Answers> {
  const reader = new LabelReader(named);
  const first: { label: ClassName; positive: number | undefined }[] = [];
  const predicted = new Int32Array(rows);
  let positive: Float64Array | undefined;
  let sumError = 0;
  for (let start = 0; start < rows; start += BATCH) {
    const size = Math.min(BATCH, rows - start);
    const prediction = await predictor.predict(inputs(start, size));
    if (prediction.kind === "values")
      throw new ImpossibleAnswer("the model answers numbers instead of labels: binary classifiers are judged");
    const { classes, codes } = prediction;
    const scores = probabilitiesOf(prediction);
    const meanings = classes.map((label) => reader.read(label));
    for (let row = 0; row < size; row++) {
      const meaning = meanings[codes[row] as number];
      if (meaning === undefined)
        throw new ImpossibleAnswer(
          `the model labels row ${start + row} as ${classes[codes[row] as number]}, the snapshot's labels are ${reader.names}${named ? "" : ". Other classes are named with data.classes and data.positive"}`,
        );
      predicted[start + row] = meaning;
    }
    for (let row = 0; row < size && first.length < SAMPLES; row++) first.push(sampled(prediction, scores, row));
    if (!scores) continue;
    positive ??= new Float64Array(rows);
    // The scores stand in the order of the classes, where the model names them.
    const known = meanings.slice(0, prediction.named).indexOf(1);
    const place = known < 0 ? reader.positiveColumn(classes[codes[0] as number] as ClassName) : known;
    sumError = Math.max(sumError, takePositive(positive, scores, { start, size, place }));
  }
  return { predicted, sumError, first, ...(positive && { positive }) };
}

/** What is called a probability and is none is found when it is taken. */
const probabilitiesOf = ({ scores }: ClassPrediction): Scores | undefined =>
  scores && (scores.areProbabilities || /probabilit/.test(scores.name ?? "")) ? scores : undefined;

/** A row's label and probability, as the deployed service will answer them; see Sample. */
function sampled({ classes, named, codes }: ClassPrediction, scores: Scores | undefined, row: number) {
  const one = classes.slice(0, named).indexOf(1);
  const place = one < 0 ? (scores?.width ?? 0) - 1 : one;
  return { label: classes[codes[row] as number] as ClassName, positive: scores?.data[row * scores.width + place] };
}

/**
 * Takes a batch's probabilities of the positive class.
 * @returns largest distance from 1 of the sum of a row's probabilities
 */
function takePositive(
  positive: Float64Array,
  { data, width }: Scores,
  { start, size, place }: { readonly start: number; readonly size: number; readonly place: number },
): number {
  if (width !== 2) throw new ImpossibleAnswer(`the model gives ${width} probabilities a row: it must be 2`);
  let sumError = 0;
  for (let row = 0; row < size; row++) {
    const [one, zero] = [data[row * 2 + place] as number, data[row * 2 + 1 - place] as number];
    for (const value of [one, zero])
      if (!(value >= -ROUNDING && value <= 1 + ROUNDING))
        throw new ImpossibleAnswer(
          `the model's probability for row ${start + row} is ${value}, it must be between 0 and 1`,
        );
    positive[start + row] = one;
    sumError = Math.max(sumError, Math.abs(zero + one - 1));
  }
  return sumError;
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
  const wanted = columnNames(signature);
  const features = signature.inputs.length;
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
  const others = signature.inputs.filter(({ type, shape }) => type === "string" || type === "datetime" || shape);
  if (others.length > 0)
    throw new SignatureMismatch(
      `the model takes ${others.map(({ name, type, shape }) => `${name} of type ${type}${shape ? ` and shape [${shape}]` : ""}`).join(", ")}; snapshots hold single numbers`,
    );
  return (wanted ?? columns).map((name) => columns.indexOf(name));
}

/** Rows of a snapshot as the model takes them, in its order of columns. They look at the snapshot's memory: the predictor gives the model its own types. */
export function batch(
  { signature }: Pick<Predictor, "signature">,
  { features, columns }: Snapshot,
  order: readonly number[],
  start: number,
  size: number,
): Table {
  const stride = columns.length;
  return {
    fields: signature.inputs,
    columns: order.map((place) => ({ kind: "number", data: features, offset: start * stride + place, stride })),
    rows: size,
  };
}

/** A row's values, as the model's types hold them. */
function sampleOf({ fields, columns }: Table, row: number): number[] {
  return columns.map((column, place) => {
    const value = column.kind === "number" ? Number(column.data[column.offset + row * column.stride]) : Number.NaN;
    return fields[place]?.type === "float32" ? Math.fround(value) : value;
  });
}
