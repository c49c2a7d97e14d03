import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { ClassName, Prediction, Scores } from "../../../data/prediction.ts";
import { HOW_TO_NAME } from "../../../service/predictor/errors.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { withCapacity } from "./capacity.ts";
import { ColumnOrder } from "./column-order.ts";
import { LabelReader } from "./label-reader.ts";
import { checkProbability, clip, epsilonOf, probabilitiesOf } from "./probabilities.ts";

/** Collects a binary classifier's predictions, by the data's classes, in row order. */
export class BinaryAnswers implements AnswerKeeper {
  /** Largest deviation from 1 of the sum of a row's probabilities. */
  sumError = 0;
  epsilon = 2 ** -52;
  readonly #reader: LabelReader;
  readonly #classes: BinaryClasses | undefined;
  #rows = 0;
  #predicted: Uint8Array;
  /** As the model returns them: float32 takes half the memory. */
  #positive: FloatArray | undefined;
  #margins: FloatArray | undefined;
  /** Rows whose label has the larger of two margins, and rows whose label has the smaller one. */
  readonly #margined = { larger: 0, smaller: 0 };
  /** For a model that does not name its score columns. */
  #order: ColumnOrder | undefined;
  #isNamed = true;
  #positiveColumn = 1;

  /**
   * @param likelyRows estimated number of rows
   * @param classes the data's names of the classes; default: 0 and 1
   */
  constructor(likelyRows: number, classes: BinaryClasses | undefined) {
    this.#predicted = new Uint8Array(likelyRows);
    this.#reader = new LabelReader(classes);
    this.#classes = classes;
  }

  take(prediction: Prediction, start: number, { rows }: { readonly rows: number }): void {
    if (prediction.kind === "values")
      throw new ImpossibleAnswer(
        "the model returns numbers instead of labels. If they are class scores, name the classes in metadata.prediction; if they are values, set gate.task: regression",
      );
    const { classes, codes, named, scores } = prediction;
    const meanings = classes.map((label) => this.#reader.read(label));
    const predicted = withCapacity(this.#predicted, start + rows);
    for (let row = 0; row < rows; row++) {
      const meaning = meanings[codes[row] as number];
      if (meaning === undefined) throw this.#unknown(classes[codes[row] as number], start + row);
      predicted[start + row] = meaning;
    }
    this.#predicted = predicted;
    this.#rows = start + rows;
    if (!scores) return;
    // Scores follow the order of the classes, if the model names them.
    const namedColumn = meanings.slice(0, named).indexOf(1);
    const column =
      namedColumn < 0 ? this.#reader.positiveColumn(classes[codes[0] as number] as ClassName) : namedColumn;
    if (scores.width === 2 && (namedColumn < 0 || prediction.isAssumed)) {
      this.#order ??= new ColumnOrder(2);
      this.#order.take(predicted.subarray(start, start + rows), scores, (meaning) =>
        meaning === 1 ? column : 1 - column,
      );
      this.#isNamed &&= namedColumn >= 0;
      this.#positiveColumn = column;
    }
    const probabilities = probabilitiesOf(prediction);
    if (probabilities) this.#takeProbabilities(probabilities, start, rows, column);
    else this.#takeMargins(scores, start, rows, column);
  }

  /** @throws ImpossibleAnswer if the model does not name its two score columns and its labels do not confirm their assumed order */
  checkOrder(): void {
    if (!this.#order) return;
    const { negative, positive } = this.#classes ?? { negative: 0, positive: 1 };
    const classes = this.#positiveColumn === 1 ? [negative, positive] : [positive, negative];
    this.#order.check(classes);
    if (this.#isNamed || this.#order.isConfirmed) return;
    throw new ImpossibleAnswer(
      `the model does not name the classes of its two score columns, and its labels do not confirm the order ${classes.join(", ")}. ${HOW_TO_NAME}`,
    );
  }

  /** 1 for the positive class; one per row. */
  get predicted(): Uint8Array {
    return this.#predicted.subarray(0, this.#rows);
  }

  /** Probability of the positive class, as the model returns it; undefined for models without probabilities. */
  get positive(): FloatArray | undefined {
    return this.#positive?.subarray(0, this.#rows);
  }

  /** The scores that rank the rows, with probabilities clipped. */
  clipped(): { readonly positive?: FloatArray; readonly scores?: FloatArray } {
    const { positive } = this;
    if (!positive) return this.#margins ? { scores: this.#rankingMargins(this.#margins.subarray(0, this.#rows)) } : {};
    clip(positive);
    return { positive, scores: positive };
  }

  #takeProbabilities({ data, width }: Scores, start: number, rows: number, column: number): void {
    if (width !== 2) throw new ImpossibleAnswer(`the model returns ${width} probabilities per row, but must return 2`);
    const positive = withCapacity(this.#positive ?? emptyLike(data, this.#predicted.length), start + rows);
    this.epsilon = epsilonOf(data);
    let { sumError } = this;
    for (let row = 0, at = 0; row < rows; row++, at += 2) {
      const one = data[at + column] as number;
      const zero = data[at + 1 - column] as number;
      checkProbability(one, start + row);
      checkProbability(zero, start + row);
      positive[start + row] = one;
      const distance = Math.abs(zero + one - 1);
      if (distance > sumError) sumError = distance;
    }
    this.sumError = sumError;
    this.#positive = positive;
  }

  /** A single margin per row refers to the second class. */
  #takeMargins({ data, width }: Scores, start: number, rows: number, column: number): void {
    if (width > 2) return;
    const margins = withCapacity(this.#margins ?? emptyLike(data, this.#predicted.length), start + rows);
    const sign = width === 1 && column === 0 ? -1 : 1;
    const from = width === 1 ? 0 : column;
    for (let row = 0; row < rows; row++) margins[start + row] = sign * (data[row * width + from] as number);
    this.#margins = margins;
    if (width === 1) return;
    for (let row = 0; row < rows; row++) {
      const label = this.#predicted[start + row] === 1 ? column : 1 - column;
      const lead = (data[row * 2 + label] as number) - (data[row * 2 + 1 - label] as number);
      if (lead > 0) this.#margined.larger++;
      if (lead < 0) this.#margined.smaller++;
    }
  }

  /**
   * A support vector machine of two classes without probabilities returns its margins with the opposite signs: in every row, the label has the smaller
   * one. They rank the rows the other way round.
   */
  #rankingMargins(margins: FloatArray): FloatArray {
    const { larger, smaller } = this.#margined;
    return larger === 0 && smaller > 0 ? margins.map((margin) => -margin) : margins;
  }

  #unknown(label: ClassName | undefined, row: number): ImpossibleAnswer {
    return new ImpossibleAnswer(
      `the model labels row ${row} as ${label}, but the snapshot's labels are ${this.#reader.names}${this.#classes ? "" : ". Name other classes with data.classes and data.positive"}`,
    );
  }
}
