import type { ClassName, ClassPrediction, Prediction } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { checkProbability, clip, epsilonOf, probabilitiesOf } from "./probabilities.ts";

/** Answers of a classifier of any classes: those of the data first, then those that only the model names. */
export class MulticlassAnswers implements AnswerKeeper {
  /** Index into `classes`; one a row. */
  readonly predicted: Int32Array;
  /** Largest distance from 1 of the sum of a row's probabilities. */
  sumError = 0;
  epsilon = 2 ** -52;
  /** Why there are no probabilities. */
  without = "the model gives no probabilities";
  readonly #classes: ClassName[];
  #map: ClassMap;
  /** Of each class, row by row. */
  readonly #probabilities: (Float64Array | undefined)[] = [];

  /** @param classes how the data name the classes */
  constructor(rows: number, classes: readonly ClassName[]) {
    this.predicted = new Int32Array(rows);
    this.#classes = [...classes];
    this.#map = new ClassMap(classes);
  }

  get classes(): readonly ClassName[] {
    return this.#classes;
  }

  take(prediction: Prediction, start: number, rows: number): void {
    if (prediction.kind === "values")
      throw new ImpossibleAnswer(
        "the model answers numbers instead of labels. If they are scores of classes, name these in metadata.prediction.classes; if they are values, judge them with gate.task: regression",
      );
    const places = prediction.classes.map((name) => this.#placeOf(name));
    for (let row = 0; row < rows; row++)
      this.predicted[start + row] = places[prediction.codes[row] as number] as number;
    this.#takeProbabilities(prediction, places, start, rows);
  }

  /** Row-major, rows x classes, clipped to [0, 1]; undefined for models that give none. A class that the model does not name has 0. */
  probabilities(): Float64Array | undefined {
    if (this.#probabilities.length === 0) return undefined;
    const width = this.#classes.length;
    const all = new Float64Array(this.predicted.length * width);
    for (const [place, column] of this.#probabilities.entries())
      for (let row = 0; column && row < column.length; row++) all[row * width + place] = column[row] as number;
    clip(all);
    return all;
  }

  #placeOf(name: ClassName): number {
    const known = this.#map.codeOf(name);
    if (known !== undefined) return known;
    this.#classes.push(name);
    this.#map = new ClassMap(this.#classes);
    return this.#classes.length - 1;
  }

  #takeProbabilities(prediction: ClassPrediction, places: readonly number[], start: number, rows: number): void {
    const scores = probabilitiesOf(prediction);
    if (!scores) return;
    const { data, width } = scores;
    if (prediction.named !== width) {
      this.without = `the model does not name the classes of its ${width} probabilities: name them in metadata.prediction.classes`;
      return;
    }
    this.epsilon = epsilonOf(data);
    const columns = places.slice(0, width).map((place) => {
      this.#probabilities[place] ??= new Float64Array(this.predicted.length);
      return this.#probabilities[place] as Float64Array;
    });
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let place = 0; place < width; place++) {
        const value = data[row * width + place] as number;
        checkProbability(value, start + row);
        (columns[place] as Float64Array)[start + row] = value;
        sum += value;
      }
      this.sumError = Math.max(this.sumError, Math.abs(sum - 1));
    }
  }
}
