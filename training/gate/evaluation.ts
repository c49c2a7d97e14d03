import { PredictorError } from "../../service/predictor/errors.ts";
import type { Snapshot } from "../snapshot.ts";
import type { RowSource } from "./answers/answer-rows.ts";
import { type EvaluatedModel, EvaluationRun, type ModelPredictions } from "./answers/evaluation-run.ts";
import { type EvaluationData, type ReadData, readParts } from "./evaluation-data.ts";
import type { AnomalyScores, AnsweredRows, Detector, Task } from "./metrics/answered-rows.ts";
import type { Metric } from "./metrics/metric.ts";
import { metricsOf } from "./metrics/metrics-of.ts";
import { isReadFor, modelTable } from "./model-table.ts";

/** Metrics with scikit-learn's names and definitions. A metric that is not defined for these rows or this model is absent. */
type Metrics = Readonly<Record<string, number>>;

/** A model's predictions and metrics on the evaluation snapshot. */
export type Evaluation = AnsweredRows & EvaluationDetails;

export interface EvaluationDetails extends Omit<ModelPredictions, "rows"> {
  readonly metrics: Metrics;
}

/** Returns a metric's value, if the evaluation includes it. Metrics of one class or target are not included, even if another metric has the same name. */
export const computedValue = ({ metric, partOf }: Metric, { metrics }: Evaluation): number | undefined =>
  partOf ? undefined : metrics[metric];

/**
 * Runs the model on a snapshot, with the serving predictor.
 * @throws PredictorError if model and snapshot do not match (SignatureMismatch), or if the model fails
 */
export async function evaluate(
  predictor: EvaluatedModel["predictor"],
  data: EvaluationData,
  task: Task,
  anomalyScores?: AnomalyScores,
): Promise<Evaluation> {
  const { outcomes } = await evaluateAll([{ predictor, task, anomalyScores }], data);
  const [outcome] = outcomes;
  if (!outcome) throw new Error(`the columns of ${data.path} were read for a different model`);
  if (outcome instanceof PredictorError) throw outcome;
  return outcome;
}

export interface Evaluations extends ReadData {
  /** One per model; its failure, or undefined if it needs other columns. */
  readonly outcomes: readonly (Evaluation | PredictorError | undefined)[];
}

/**
 * Reads a snapshot once and runs several models on it; the columns are those of the first.
 * @param begin awaited after the first rows are read, before a model runs on them
 * @throws Error if the data is at fault
 */
export async function evaluateAll(
  models: readonly EvaluatedModel[],
  data: EvaluationData,
  begin: () => Promise<void> = async () => {},
): Promise<Evaluations> {
  const runs = models.map((model) => new EvaluationRun(model));
  let fitting = runs.slice(0, 1);
  const read = await readParts(data, async (part) => {
    if (part.start === 0) {
      await begin();
      fitting = runs.filter((one, index) => index === 0 || isReadFor(one.signature, part));
    }
    for (const one of fitting) await one.take(part);
  });
  const outcomes = runs.map((one) => {
    if (!fitting.includes(one)) return undefined;
    return orFailure(() => {
      // A late part may show that the model cannot take a column.
      modelTable(one.signature, read.head);
      return withMetrics(one.finish());
    });
  });
  return { ...read, outcomes };
}

function withMetrics({ rows, ...found }: ModelPredictions): Evaluation {
  return { ...rows, ...found, metrics: metricsOf(rows, found.weights) };
}

function orFailure<Result>(work: () => Result): Result | PredictorError {
  try {
    return work();
  } catch (error) {
    if (error instanceof PredictorError) return error;
    throw error;
  }
}

/**
 * Runs a model on rows other than the snapshot's, with the snapshot's truth.
 * @throws PredictorError if the model fails
 */
export async function answerSnapshot(
  predictor: EvaluatedModel["predictor"],
  source: RowSource,
  snapshot: Snapshot,
  task: Task,
  detector: Detector = {},
): Promise<ModelPredictions> {
  // The deployment check does not use these rows.
  const run = new EvaluationRun({
    predictor,
    task,
    samples: false,
    anomalyScores: detector.scores,
    anomalyLabels: detector.labels,
  });
  await readParts(snapshot, (part) => run.take(part, source));
  return run.finish();
}
