import type { ClassName, Scores } from "../../../data/prediction.ts";
import { HOW_TO_NAME } from "../../../service/predictor/errors.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";

/** How much larger another column must be to speak against a label. */
const DECISIVE = 0.1;

/**
 * Holds an assumed order of the scores' columns against the model's own labels. A label need not be the largest score, since a model may have a threshold; but the
 * column of a class is larger where the model labels that class than elsewhere, wherever its threshold is. Where it is smaller, and most rows of the label have another
 * column clearly in front, the order is wrong.
 */
export class ColumnOrder {
  /** By column: its rows with that label, sums of the column there and in all rows, and labelled rows where another column is clearly larger. */
  readonly #labelled: Float64Array;
  readonly #sums: Float64Array;
  readonly #allSums: Float64Array;
  readonly #against: Float64Array;
  #rows = 0;

  constructor(width: number) {
    [this.#labelled, this.#sums, this.#allSums, this.#against] = [
      new Float64Array(width),
      new Float64Array(width),
      new Float64Array(width),
      new Float64Array(width),
    ];
  }

  /** @param columnOf the assumed column of each class code; undefined for none */
  take(codes: ArrayLike<number>, { data, width }: Scores, columnOf: (code: number) => number | undefined): void {
    for (let row = 0, start = 0; row < codes.length; row++, start += width) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let at = 0; at < width; at++) {
        const value = data[start + at] as number;
        if (value > largest) largest = value;
        this.#allSums[at] = (this.#allSums[at] as number) + value;
      }
      this.#rows++;
      const column = columnOf(codes[row] as number);
      if (column === undefined || column >= width) continue;
      const own = data[start + column] as number;
      this.#labelled[column] = (this.#labelled[column] as number) + 1;
      this.#sums[column] = (this.#sums[column] as number) + own;
      if (largest - own > DECISIVE) this.#against[column] = (this.#against[column] as number) + 1;
    }
  }

  /** Columns of which the labels say that they are another class's. */
  get contradicted(): number[] {
    return this.#columns((column, contrast) => contrast < 0 && this.#share(column) > 0.5);
  }

  /** Whether the labels bear out two columns or more, and contradict none. */
  get isBorneOut(): boolean {
    return this.contradicted.length === 0 && this.#columns((_, contrast) => contrast > 0).length > 1;
  }

  /** @throws ImpossibleAnswer where the labels contradict the order @param classes in the assumed order */
  check(classes: readonly ClassName[]): void {
    const [column] = this.contradicted;
    if (column === undefined) return;
    throw new ImpossibleAnswer(
      `the model does not state the order of its ${this.#sums.length} columns of scores, and its labels contradict ${classes.join(", ")}: where it answers ${classes[column]}, that column has the mean ${this.#inside(column).toPrecision(3)}, and ${this.#elsewhere(column).toPrecision(3)} in all other rows. ${HOW_TO_NAME}`,
    );
  }

  #columns(is: (column: number, contrast: number) => boolean): number[] {
    return [...this.#sums.keys()].filter((column) => {
      const count = this.#labelled[column] as number;
      return count > 0 && count < this.#rows && is(column, this.#inside(column) - this.#elsewhere(column));
    });
  }

  #share(column: number): number {
    return (this.#against[column] as number) / (this.#labelled[column] as number);
  }

  /** Mean of a column where its class is the label. */
  #inside(column: number): number {
    return (this.#sums[column] as number) / (this.#labelled[column] as number);
  }

  #elsewhere(column: number): number {
    const rows = this.#rows - (this.#labelled[column] as number);
    return ((this.#allSums[column] as number) - (this.#sums[column] as number)) / rows;
  }
}
