import { sizeOf } from "../../../data/field.ts";
import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { Prediction } from "../../../data/prediction.ts";
import { areLabels, MULTI_LABEL_HINT } from "../multi-label.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { withCapacity } from "./capacity.ts";

/** Metadata for a model without a label output. With logits, "activation" turns them into probabilities. */
export const SCORES_HINT = 'metadata={"prediction": {"task": "classification"}}';

/** Collects a regressor's predictions, in row order. */
export class ValueAnswers implements AnswerKeeper {
  readonly #targets: readonly string[];
  readonly #likelyRows: number;
  #values: FloatArray | undefined;
  #rows = 0;

  /** @param likelyRows estimated number of rows */
  constructor(likelyRows: number, targets: readonly string[]) {
    this.#likelyRows = likelyRows;
    this.#targets = targets;
  }

  take(prediction: Prediction, start: number, { rows }: { readonly rows: number }): void {
    if (prediction.kind === "classes")
      throw new ImpossibleAnswer(
        "the model returns labels instead of numbers: it is a classifier, but gate.task is regression",
      );
    const width = this.#targets.length;
    const { data, shape } = prediction;
    if (sizeOf(shape) !== width && areLabels(data, sizeOf(shape)))
      throw new ImpossibleAnswer(
        `the model returns ${sizeOf(shape)} labels per row, but the data's label has ${width}: ${this.#targets.join(", ")}; ${MULTI_LABEL_HINT}`,
      );
    if (sizeOf(shape) !== width)
      throw new ImpossibleAnswer(
        `the model returns ${sizeOf(shape)} numbers per row, but the data's label has ${width}: ${this.#targets.join(", ")}. If they are class scores, log the model with ${SCORES_HINT}; if they are values, name one column for each number with data.label`,
      );
    this.#values = withCapacity(this.#values ?? emptyLike(data, this.#likelyRows * width), (start + rows) * width);
    this.#values.set(data.subarray(0, rows * width), start * width);
    this.#rows = start + rows;
  }

  /** Row-major, rows x targets, in the model's type. */
  get predicted(): FloatArray {
    return (this.#values ?? new Float64Array()).subarray(0, this.#rows * this.#targets.length);
  }
}
