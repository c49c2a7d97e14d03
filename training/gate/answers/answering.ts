import { PredictorError } from "../../../service/predictor/errors.ts";
import type { Predictor } from "../../../service/predictor/predictor.ts";
import type { SnapshotPart } from "../../snapshot.ts";
import type { AnomalyScores, AnsweredRows, Detector, Task } from "../metrics/answered-rows.ts";
import { modelTable } from "../model-table.ts";
import { answerRows, partsOf, type RowSource } from "./answer-rows.ts";
import { withRoom } from "./room.ts";
import type { Sample } from "./sample.ts";
import { SampledRows } from "./sampled-rows.ts";
import { type TaskAnswers, taskAnswers } from "./task-answers.ts";

/** What a model answered to rows whose truth is known. */
export interface Answered {
  readonly rows: AnsweredRows;
  /** One a row, where the data have weights. */
  readonly weights?: Float64Array;
  /** Largest distance from 1 of the sum of a row's probabilities; 0 for models that give none. */
  readonly sumError: number;
  /** Why there are no probabilities, where a classifier could have some. */
  readonly without?: string;
  /** Some of the rows and what the model answered: a deployment must answer the same. See SampledRows. */
  readonly samples: readonly Sample[];
}

/** A model, and what it is judged as. */
export interface Asked {
  readonly predictor: Pick<Predictor, "signature" | "predict">;
  readonly task: Task;
  /** Of an anomaly detector: which end of its scores anomalies are at. */
  readonly anomalyScores?: AnomalyScores | undefined;
  /** Labels that it gave to other rows. */
  readonly anomalyLabels?: Detector["labels"];
  /** Whether rows are kept with their answers, for a deployment to give the same: true by default. */
  readonly samples?: boolean;
}

/** Lets a model answer a snapshot part by part, and keeps truth and answers; the rows themselves are not kept. */
export class Answering {
  readonly #asked: Asked;
  #kept: TaskAnswers | undefined;
  #weights: Float64Array | undefined;
  #rows = 0;
  readonly #samples = new SampledRows();
  #failure: PredictorError | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  get signature() {
    return this.#asked.predictor.signature;
  }

  /**
   * Takes the next part. A model that fails is asked no further; what it failed with is in `failure`.
   * @param source the part's rows as the model takes them, where they are others than the snapshot's
   * @throws Error where the data are at fault
   */
  async take(part: SnapshotPart, source?: RowSource): Promise<void> {
    if (this.#failure) return;
    try {
      await this.#answer(part, source ?? partsOf(modelTable(this.signature, part)));
    } catch (error) {
      if (!(error instanceof PredictorError)) throw error;
      this.#failure = error;
    }
  }

  /** @throws PredictorError what the model failed with; Error without any part */
  finish(): Answered {
    if (this.#failure) throw this.#failure;
    if (!this.#kept) throw new Error("no rows were answered");
    const weights = this.#weights?.subarray(0, this.#rows);
    return { ...this.#kept.finish(), samples: this.#samples.finish(), ...(weights && { weights }) };
  }

  async #answer(part: SnapshotPart, source: RowSource): Promise<void> {
    const { start, weights } = part;
    const { task, anomalyScores: scores, anomalyLabels: labels, samples = true } = this.#asked;
    this.#kept ??= taskAnswers(task, part, { scores, labels });
    const kept = this.#kept;
    kept.know(part);
    this.#rows = start + source.rows;
    if (weights) {
      this.#weights = withRoom(this.#weights ?? new Float64Array(part.likelyRows), this.#rows);
      this.#weights.set(weights, start);
    }
    await answerRows(
      this.#asked.predictor,
      source,
      {
        take: (prediction, from, asked) => {
          kept.take(prediction, from, asked);
          if (samples) this.#samples.take(prediction, from, asked);
        },
      },
      start,
    );
  }
}
