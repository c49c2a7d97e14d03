import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { ClassName, ClassPrediction, Prediction } from "../../../data/prediction.ts";
import { ClassMap } from "../../../data/reader/class-map.ts";
import type { ClassCodes } from "../metrics/answered-rows.ts";
import { type AnswerKeeper, ImpossibleAnswer } from "./answer-rows.ts";
import { codesFor, withCapacity } from "./capacity.ts";
import { ColumnOrder } from "./column-order.ts";
import { checkProbability, clip, epsilonOf, probabilitiesOf } from "./probabilities.ts";

/** Collects a multiclass classifier's predictions, in row order. Codes number the data's classes first, then those that only the model names. */
export class MulticlassAnswers implements AnswerKeeper {
  /** Largest deviation from 1 of the sum of a row's probabilities. */
  sumError = 0;
  epsilon = 2 ** -52;
  /** Why there are no probabilities. */
  without = "the model returns no probabilities";
  readonly #classes: ClassName[];
  /** The data's classes come first. */
  readonly #dataClasses: number;
  #knowsDataClass = false;
  #map: ClassMap;
  /** By class, row by row. */
  readonly #probabilities: (FloatArray | undefined)[] = [];
  #predicted: ClassCodes;
  #rows = 0;
  /** For a model that does not name its score columns. */
  #order: { readonly columns: ColumnOrder; readonly classes: readonly ClassName[] } | undefined;

  /**
   * @param likelyRows estimated number of rows
   * @param classes the data's names of the classes
   */
  constructor(likelyRows: number, classes: readonly ClassName[]) {
    this.#predicted = codesFor(classes.length, new Uint8Array(likelyRows));
    this.#classes = [...classes];
    this.#dataClasses = classes.length;
    this.#map = new ClassMap(classes);
  }

  get classes(): readonly ClassName[] {
    return this.#classes;
  }

  /** Index into `classes`; one per row. */
  get predicted(): ClassCodes {
    return this.#predicted.subarray(0, this.#rows);
  }

  take(prediction: Prediction, start: number, { rows }: { readonly rows: number }): void {
    if (prediction.kind === "values")
      throw new ImpossibleAnswer(
        "the model returns numbers instead of labels. If they are class scores, name the classes in metadata.prediction.classes; if they are values, set gate.task: regression",
      );
    const dataCodes = prediction.classes.map((name) => this.#codeOf(name));
    this.#knowsDataClass ||= dataCodes.some((code) => code < this.#dataClasses);
    const predicted = codesFor(this.#classes.length, withCapacity(this.#predicted, start + rows));
    const { codes } = prediction;
    for (let row = 0; row < rows; row++) predicted[start + row] = dataCodes[codes[row] as number] as number;
    this.#predicted = predicted;
    this.#rows = start + rows;
    this.#takeProbabilities(prediction, dataCodes, start, rows);
  }

  /** @throws ImpossibleAnswer if the labels contradict the assumed order of unnamed score columns */
  checkOrder(): void {
    this.#order?.columns.check(this.#order.classes);
  }

  /** @throws ImpossibleAnswer if the model knows none of the data's classes, as when they were numbered before the training */
  checkClasses(): void {
    if (this.#knowsDataClass || this.#rows === 0) return;
    const [data, own] = [this.#classes.slice(0, this.#dataClasses), this.#classes.slice(this.#dataClasses)];
    throw new ImpossibleAnswer(
      `none of the model's labels (${listed(own)}) is a class of the data: ${listed(data)}. If the labels are indexes, name the classes in their order when you log the model: metadata={"prediction": {"classes": ["…"]}}. If not, name the data's classes with data.classes`,
    );
  }

  /** Row-major, rows x classes, clipped to [0, 1]; undefined without probabilities. Classes that the model does not name have 0. */
  probabilities(): FloatArray | undefined {
    const like = this.#probabilities.find((column) => column);
    if (!like) return undefined;
    const width = this.#classes.length;
    const all = emptyLike(like, this.#rows * width);
    for (const [code, column] of this.#probabilities.entries())
      for (let row = 0; column && row < this.#rows; row++) all[row * width + code] = column[row] as number;
    clip(all);
    return all;
  }

  #codeOf(name: ClassName): number {
    const code = this.#map.codeOf(name);
    if (code !== undefined) return code;
    this.#classes.push(name);
    this.#map = new ClassMap(this.#classes);
    return this.#classes.length - 1;
  }

  #takeProbabilities(prediction: ClassPrediction, dataCodes: readonly number[], start: number, rows: number): void {
    const scores = probabilitiesOf(prediction);
    if (!scores) return;
    const { data, width } = scores;
    if (prediction.named !== width) {
      this.without = `the model does not name the classes of its ${width} probabilities: name them in metadata.prediction.classes`;
      return;
    }
    this.epsilon = epsilonOf(data);
    if (prediction.isAssumed) {
      this.#order ??= { columns: new ColumnOrder(width), classes: prediction.classes.slice(0, width) };
      this.#order.columns.take(prediction.codes, scores, (code) => code);
    }
    const columns = dataCodes.slice(0, width).map((code) => {
      const column = withCapacity(this.#probabilities[code] ?? emptyLike(data, this.#predicted.length), start + rows);
      this.#probabilities[code] = column;
      return column;
    });
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let index = 0; index < width; index++) {
        const value = data[row * width + index] as number;
        checkProbability(value, start + row);
        (columns[index] as FloatArray)[start + row] = value;
        sum += value;
      }
      this.sumError = Math.max(this.sumError, Math.abs(sum - 1));
    }
  }
}

const listed = (classes: readonly ClassName[]): string =>
  classes.length > 6 ? `${classes.slice(0, 5).join(", ")}, …` : classes.join(", ");
