import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { SnapshotPart } from "../../snapshot.ts";
import type { AnomalyScores, AnsweredRows, Detector, Task } from "../metrics/answered-rows.ts";
import { modelTable } from "../model-table.ts";
import { answerRows, partsOf, type RowSource } from "./answer-rows.ts";
import { withCapacity } from "./capacity.ts";
import type { Sample } from "./sample.ts";
import { SampledRows } from "./sampled-rows.ts";
import { type TaskAnswers, taskAnswers } from "./task-answers.ts";

/** A model's predictions for rows with known truth. */
export interface ModelPredictions {
  readonly rows: AnsweredRows;
  /** One per row, if the data has weights. */
  readonly weights?: Float64Array;
  /** Largest deviation from 1 of the sum of a row's probabilities; 0 for models without probabilities. */
  readonly sumError: number;
  /** Why there are no probabilities, for a classifier that could have some. */
  readonly without?: string;
  /** Some rows with the model's predictions, which a deployment must reproduce. See SampledRows. */
  readonly samples: readonly Sample[];
}

/** A model and its task. */
export interface EvaluatedModel {
  readonly predictor: Pick<Predictor, "signature" | "predict">;
  readonly task: Task;
  /** For an anomaly detector: which end of its scores marks an anomaly. */
  readonly anomalyScores?: AnomalyScores | undefined;
  /** Labels that it returned for other rows. */
  readonly anomalyLabels?: Detector["labels"];
  /** Whether to keep sampled rows for the deployment check; default: true. */
  readonly samples?: boolean;
}

/** Runs a model over a snapshot part by part and keeps truth and predictions, but not the rows. */
export class EvaluationRun {
  readonly #model: EvaluatedModel;
  #kept: TaskAnswers | undefined;
  #weights: Float64Array | undefined;
  #rows = 0;
  readonly #samples = new SampledRows();
  #failure: PredictorError | undefined;

  constructor(model: EvaluatedModel) {
    this.#model = model;
  }

  get signature() {
    return this.#model.predictor.signature;
  }

  /**
   * Processes the next part. A model that fails is not run again; `failure` holds its error.
   * @param source the part's rows in the model's format, if they differ from the snapshot's
   * @throws Error if the data is at fault
   */
  async take(part: SnapshotPart, source?: RowSource): Promise<void> {
    if (this.#failure) return;
    try {
      await this.#predict(part, source ?? partsOf(modelTable(this.signature, part)));
    } catch (error) {
      if (!(error instanceof PredictorError)) throw error;
      this.#failure = error;
    }
  }

  /** Returns the predictions. @throws the model's PredictorError; Error if no part was taken */
  finish(): ModelPredictions {
    if (this.#failure) throw this.#failure;
    if (!this.#kept) throw new Error("the snapshot has no rows");
    const weights = this.#weights?.subarray(0, this.#rows);
    return { ...this.#kept.finish(), samples: this.#samples.finish(), ...(weights && { weights }) };
  }

  async #predict(part: SnapshotPart, source: RowSource): Promise<void> {
    const { start, weights } = part;
    const { task, anomalyScores: scores, anomalyLabels: labels, samples = true } = this.#model;
    this.#kept ??= taskAnswers(task, part, { scores, labels });
    const kept = this.#kept;
    kept.takeTruth(part);
    this.#rows = start + source.rows;
    if (weights) {
      this.#weights = withCapacity(this.#weights ?? new Float64Array(part.likelyRows), this.#rows);
      this.#weights.set(weights, start);
    }
    await answerRows(
      this.#model.predictor,
      source,
      {
        take: (prediction, from, batch) => {
          kept.take(prediction, from, batch);
          if (samples) this.#samples.take(prediction, from, batch);
        },
      },
      start,
    );
  }
}
