import type { ClassName, Scores } from "../../../data/prediction.ts";
import { HOW_TO_NAME } from "../../../service/predictor/errors.ts";
import { ImpossibleAnswer } from "./answer-rows.ts";

/** Minimum lead of another column to contradict a label. */
const DECISIVE = 0.1;

/**
 * Tests an assumed order of the score columns against the model's own labels. With a threshold, the label need not have the largest score. But the
 * column of a class has a larger mean where the model predicts that class, whatever the threshold. If the mean is smaller there, and most rows with
 * that label have another column clearly larger, the order is wrong.
 */
export class ColumnOrder {
  /** By column: number of rows with its label, sums of the column over these and over all rows, and rows with its label where another column is clearly larger. */
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

  /** @param columnOf the assumed column of a class code; undefined if it has none */
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

  /** Columns whose labels indicate another class. */
  get contradicted(): number[] {
    return this.#columns((column, contrast) => contrast < 0 && this.#share(column) > 0.5);
  }

  /** Whether the labels confirm at least two columns and contradict none. */
  get isConfirmed(): boolean {
    return this.contradicted.length === 0 && this.#columns((_, contrast) => contrast > 0).length > 1;
  }

  /** @throws ImpossibleAnswer if the labels contradict the order @param classes in the assumed order */
  check(classes: readonly ClassName[]): void {
    const [column] = this.contradicted;
    if (column === undefined) return;
    throw new ImpossibleAnswer(
      `the model does not declare the order of its ${this.#sums.length} score columns, and its labels contradict ${classes.join(", ")}: the mean of column ${classes[column]} is ${this.#inside(column).toPrecision(3)} in rows with that label, but ${this.#elsewhere(column).toPrecision(3)} in all others. ${HOW_TO_NAME}`,
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

  /** Mean of a column over the rows with its label. */
  #inside(column: number): number {
    return (this.#sums[column] as number) / (this.#labelled[column] as number);
  }

  #elsewhere(column: number): number {
    const rows = this.#rows - (this.#labelled[column] as number);
    return ((this.#allSums[column] as number) - (this.#sums[column] as number)) / rows;
  }
}
