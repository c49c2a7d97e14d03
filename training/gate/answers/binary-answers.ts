import type { ClassName, Prediction, Scores } from "../../../data/prediction.ts";
import type { BinaryClasses } from "../../binary-labels.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { LabelReader } from "./label-reader.ts";
import { checkProbability, clip, epsilonOf, probabilitiesOf } from "./probabilities.ts";

/** Answers of a binary classifier, by the classes of the data. */
export class BinaryAnswers implements AnswerKeeper {
  /** 1 for the positive class; one a row. */
  readonly predicted: Int32Array;
  /** Largest distance from 1 of the sum of a row's probabilities. */
  sumError = 0;
  epsilon = 2 ** -52;
  readonly #reader: LabelReader;
  readonly #classes: BinaryClasses | undefined;
  #positive: Float64Array | undefined;
  #margins: Float64Array | undefined;

  /** @param classes how the data name the classes; without them they are 0 and 1 */
  constructor(rows: number, classes: BinaryClasses | undefined) {
    this.predicted = new Int32Array(rows);
    this.#reader = new LabelReader(classes);
    this.#classes = classes;
  }

  take(prediction: Prediction, start: number, rows: number): void {
    if (prediction.kind === "values")
      throw new ImpossibleAnswer(
        "the model answers numbers instead of labels. If they are scores of classes, name these in metadata.prediction; if they are values, judge them with gate.task: regression",
      );
    const { classes, codes, named, scores } = prediction;
    const meanings = classes.map((label) => this.#reader.read(label));
    for (let row = 0; row < rows; row++) {
      const meaning = meanings[codes[row] as number];
      if (meaning === undefined) throw this.#unknown(classes[codes[row] as number], start + row);
      this.predicted[start + row] = meaning;
    }
    if (!scores) return;
    // The scores stand in the order of the classes, where the model names them.
    const known = meanings.slice(0, named).indexOf(1);
    const place = known < 0 ? this.#reader.positiveColumn(classes[codes[0] as number] as ClassName) : known;
    const probabilities = probabilitiesOf(prediction);
    if (probabilities) this.#takeProbabilities(probabilities, start, rows, place);
    else this.#takeMargins(scores, start, rows, place);
  }

  /** Probability of the positive class, as the model gives it; undefined for models that give none. */
  get positive(): Float64Array | undefined {
    return this.#positive;
  }

  /** What rows are ranked by, with probabilities clipped. */
  clipped(): { readonly positive?: Float64Array; readonly scores?: Float64Array } {
    const positive = this.#positive;
    if (!positive) return this.#margins ? { scores: this.#margins } : {};
    clip(positive);
    return { positive, scores: positive };
  }

  #takeProbabilities({ data, width }: Scores, start: number, rows: number, place: number): void {
    if (width !== 2) throw new ImpossibleAnswer(`the model gives ${width} probabilities a row: it must be 2`);
    this.#positive ??= new Float64Array(this.predicted.length);
    this.epsilon = epsilonOf(data);
    for (let row = 0; row < rows; row++) {
      const [one, zero] = [data[row * 2 + place] as number, data[row * 2 + 1 - place] as number];
      checkProbability(one, start + row);
      checkProbability(zero, start + row);
      this.#positive[start + row] = one;
      this.sumError = Math.max(this.sumError, Math.abs(zero + one - 1));
    }
  }

  /** One margin a row speaks of the second class. */
  #takeMargins({ data, width }: Scores, start: number, rows: number, place: number): void {
    if (width > 2) return;
    this.#margins ??= new Float64Array(this.predicted.length);
    const sign = width === 1 && place === 0 ? -1 : 1;
    const from = width === 1 ? 0 : place;
    for (let row = 0; row < rows; row++) this.#margins[start + row] = sign * (data[row * width + from] as number);
  }

  #unknown(label: ClassName | undefined, row: number): ImpossibleAnswer {
    return new ImpossibleAnswer(
      `the model labels row ${row} as ${label}, the snapshot's labels are ${this.#reader.names}${this.#classes ? "" : ". Other classes are named with data.classes and data.positive"}`,
    );
  }
}
