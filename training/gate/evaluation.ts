import type { Prediction } from "../../data/prediction.ts";
import { sliceRows } from "../../data/table.ts";
import type { Predictor } from "../../service/predictor/predictor.ts";
import { binaryLabels } from "../binary-labels.ts";
import type { Snapshot } from "../snapshot.ts";
import { type AnswerKeeper, answerRows, partsOf, type RowSource } from "./answers/answer-rows.ts";
import { BinaryAnswers } from "./answers/binary-answers.ts";
import { MulticlassAnswers } from "./answers/multiclass-answers.ts";
import { SAMPLES, type Sample, type SampledAnswer, sampledAnswer, sampledCells } from "./answers/sample.ts";
import { ValueAnswers } from "./answers/value-answers.ts";
import type { AnsweredRows, BinaryRows, MulticlassRows, RegressionRows, Task } from "./metrics/answered-rows.ts";
import { metricsOf } from "./metrics/metrics-of.ts";
import { modelTable } from "./model-table.ts";

/** Named as scikit-learn names its metrics, and defined as there. Absent: not defined for these rows or this model. */
export type Metrics = Readonly<Record<string, number>>;

/** What the gate knows about a model after it has answered the evaluation snapshot. */
export type Evaluation = AnsweredRows & Examined;

export interface Examined {
  readonly metrics: Metrics;
  /** One a row, where the data have weights. */
  readonly weights?: Float64Array;
  /** Largest distance from 1 of the sum of a row's probabilities; 0 for models that give none. */
  readonly sumError: number;
  /** Why there are no probabilities, where a classifier could have some. */
  readonly without?: string;
  /** The first rows and what the model answered: a deployment must answer the same. */
  readonly samples: readonly Sample[];
}

type Answering = Pick<Predictor, "signature" | "predict">;

/**
 * Lets the model answer a snapshot, with the predictor that will serve it.
 * @throws PredictorError when model and snapshot do not fit (SignatureMismatch), or when the model fails on the way
 */
export async function evaluate(predictor: Answering, snapshot: Snapshot, task: Task): Promise<Evaluation> {
  const table = modelTable(predictor.signature, snapshot);
  const { rows, ...found } = await answerSnapshot(predictor, partsOf(table), snapshot, task);
  const inputs = sliceRows(table, 0, found.first.length);
  const samples = found.first.map((answer, row) => ({ features: sampledCells(inputs, row), ...answer }));
  const { weights } = snapshot;
  return {
    ...rows,
    ...{ metrics: metricsOf(rows, weights), samples, sumError: found.sumError },
    ...(weights && { weights }),
    ...found.without,
  };
}

interface Answered<Rows extends AnsweredRows = AnsweredRows> {
  readonly rows: Rows;
  readonly sumError: number;
  readonly without?: { readonly without: string };
  readonly first: readonly SampledAnswer[];
}

/** Lets a model answer rows of which the snapshot knows the truth. */
export function answerSnapshot(
  predictor: Answering,
  source: RowSource,
  snapshot: Snapshot,
  task: Task,
): Promise<Answered> {
  if (task === "binary") return binary(predictor, source, snapshot);
  return task === "multiclass" ? multiclass(predictor, source, snapshot) : regression(predictor, source, snapshot);
}

async function binary(predictor: Answering, source: RowSource, snapshot: Snapshot): Promise<Answered<BinaryRows>> {
  const { labels, classes } = binaryLabels(snapshot);
  const { kept, first } = await keep(predictor, source, new BinaryAnswers(source.rows, classes));
  // After the samples: a deployment is asked for what the model says, rounding included.
  const { predicted, sumError, epsilon } = kept;
  const found = kept.clipped();
  return {
    rows: {
      ...{ task: "binary", rows: source.rows, labels, predicted, epsilon },
      classes: classes ? [classes.negative, classes.positive] : [0, 1],
      ...found,
    },
    ...{ sumError, first },
    ...(!found.positive && { without: { without: "the model gives no probabilities" } }),
  };
}

async function multiclass(
  predictor: Answering,
  source: RowSource,
  { path, truth }: Snapshot,
): Promise<Answered<MulticlassRows>> {
  if (truth?.kind !== "classes") throw new Error(`${path} has no classes to judge a classifier by`);
  const { kept, first } = await keep(predictor, source, new MulticlassAnswers(source.rows, truth.classes));
  const { classes, predicted, sumError, epsilon, without } = kept;
  const probabilities = kept.probabilities();
  return {
    rows: {
      ...{ task: "multiclass", rows: source.rows, classes, labels: truth.codes, predicted, epsilon },
      ...(probabilities && { probabilities }),
    },
    ...{ sumError, first },
    ...(!probabilities && { without: { without } }),
  };
}

async function regression(
  predictor: Answering,
  source: RowSource,
  { path, truth }: Snapshot,
): Promise<Answered<RegressionRows>> {
  if (truth?.kind !== "values") throw new Error(`${path} has no numbers to judge a regressor by`);
  const { kept, first } = await keep(predictor, source, new ValueAnswers(source.rows, truth.targets));
  const { targets, data } = truth;
  return {
    rows: { task: "regression", rows: source.rows, targets, truth: data, predicted: kept.predicted },
    ...{ sumError: 0, first },
  };
}

/** Answers of all rows, and those of the first ones as the model says them. */
async function keep<Keeper extends AnswerKeeper>(predictor: Answering, source: RowSource, kept: Keeper) {
  const first: SampledAnswer[] = [];
  await answerRows(predictor, source, {
    take(prediction: Prediction, start: number, rows: number) {
      kept.take(prediction, start, rows);
      for (let row = 0; row < rows && first.length < SAMPLES; row++) first.push(sampledAnswer(prediction, row));
    },
  });
  return { kept, first };
}
