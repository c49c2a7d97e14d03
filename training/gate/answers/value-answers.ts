import { sizeOf } from "../../../data/field.ts";
import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { Prediction } from "../../../data/prediction.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { withRoom } from "./room.ts";

/** For a model without a label. With logits, "activation" turns them into probabilities. */
export const SCORES_HINT = 'metadata={"prediction": {"task": "classification"}}';

/** Answers of a regressor. Rows come in their order. */
export class ValueAnswers implements AnswerKeeper {
  readonly #targets: readonly string[];
  readonly #likelyRows: number;
  #values: FloatArray | undefined;
  #rows = 0;

  /** @param likelyRows how many rows there may be */
  constructor(likelyRows: number, targets: readonly string[]) {
    this.#likelyRows = likelyRows;
    this.#targets = targets;
  }

  take(prediction: Prediction, start: number, { rows }: { readonly rows: number }): void {
    if (prediction.kind === "classes")
      throw new ImpossibleAnswer(
        "the model answers labels instead of numbers: it is a classifier, which gate.task: regression does not judge",
      );
    const width = this.#targets.length;
    const { data, shape } = prediction;
    if (sizeOf(shape) !== width)
      throw new ImpossibleAnswer(
        `the model answers ${sizeOf(shape)} numbers a row, and the data's label has ${width}: ${this.#targets.join(", ")}. If they are scores of classes, log the model with ${SCORES_HINT}; if they are values, name one column for each number with data.label`,
      );
    this.#values = withRoom(this.#values ?? emptyLike(data, this.#likelyRows * width), (start + rows) * width);
    this.#values.set(data.subarray(0, rows * width), start * width);
    this.#rows = start + rows;
  }

  /** Row-major, rows x targets, in the type that the model answers. */
  get predicted(): FloatArray {
    return (this.#values ?? new Float64Array()).subarray(0, this.#rows * this.#targets.length);
  }
}
