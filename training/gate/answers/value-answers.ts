import { sizeOf } from "../../../data/field.ts";
import type { Prediction } from "../../../data/prediction.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";

/** Answers of a regressor. */
export class ValueAnswers implements AnswerKeeper {
  /** Row-major, rows x targets. */
  readonly predicted: Float64Array;
  readonly #targets: readonly string[];

  constructor(rows: number, targets: readonly string[]) {
    this.predicted = new Float64Array(rows * targets.length);
    this.#targets = targets;
  }

  take(prediction: Prediction, start: number, rows: number): void {
    if (prediction.kind === "classes")
      throw new ImpossibleAnswer(
        "the model answers labels instead of numbers: it is a classifier, which gate.task: regression does not judge",
      );
    const width = this.#targets.length;
    const { data, shape } = prediction;
    if (sizeOf(shape) !== width)
      throw new ImpossibleAnswer(
        `the model answers ${sizeOf(shape)} numbers a row, and the data's label has ${width}: ${this.#targets.join(", ")}. Name one column for each number with data.label`,
      );
    this.predicted.set(data.subarray(0, rows * width), start * width);
  }
}
