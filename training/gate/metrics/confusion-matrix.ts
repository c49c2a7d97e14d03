import type { BinaryRows, MulticlassRows } from "./answered-rows.ts";

/** Weight of the rows by true class (matrix row) and predicted class (matrix column). */
export class ConfusionMatrix {
  readonly classes: number;
  /** Row-major, classes x classes. */
  readonly cells: Float64Array;
  readonly total: number;
  /** Weight by true class. */
  readonly truth: Float64Array;
  /** Weight by predicted class. */
  readonly predicted: Float64Array;

  constructor(classes: number, cells: Float64Array) {
    this.classes = classes;
    this.cells = cells;
    this.truth = new Float64Array(classes);
    this.predicted = new Float64Array(classes);
    let total = 0;
    for (let truth = 0; truth < classes; truth++)
      for (let predicted = 0; predicted < classes; predicted++) {
        const weight = this.at(truth, predicted);
        this.truth[truth] = (this.truth[truth] as number) + weight;
        this.predicted[predicted] = (this.predicted[predicted] as number) + weight;
        total += weight;
      }
    this.total = total;
  }

  /** Counts rows. @param weights one per row; without them, every row counts once */
  static of(
    {
      rows,
      classes,
      labels,
      predicted,
    }: Pick<BinaryRows | MulticlassRows, "rows" | "classes" | "labels" | "predicted">,
    weights?: ArrayLike<number>,
  ): ConfusionMatrix {
    const size = classes.length;
    const cells = new Float64Array(size * size);
    for (let row = 0; row < rows; row++) {
      const cell = (labels[row] as number) * size + (predicted[row] as number);
      cells[cell] = (cells[cell] as number) + (weights ? (weights[row] as number) : 1);
    }
    return new ConfusionMatrix(size, cells);
  }

  at(truth: number, predicted: number): number {
    return this.cells[truth * this.classes + predicted] as number;
  }

  /** Weight of the correctly predicted rows. */
  get right(): number {
    let sum = 0;
    for (let index = 0; index < this.classes; index++) sum += this.at(index, index);
    return sum;
  }

  /** Share of the rows predicted as the class that belong to it; 0 if no row is predicted as the class. */
  precision(index: number): number {
    return share(this.at(index, index), this.predicted[index] as number);
  }

  /** Share of the class's rows that are predicted correctly; 0 if the class has no rows. */
  recall(index: number): number {
    return share(this.at(index, index), this.truth[index] as number);
  }

  /** Harmonic mean of precision and recall; 0 if the class has neither true nor predicted rows. */
  f1(index: number): number {
    return share(2 * this.at(index, index), (this.truth[index] as number) + (this.predicted[index] as number));
  }

  /** Classes with true or predicted rows of positive weight. */
  get occurring(): number[] {
    const indices = Array.from({ length: this.classes }, (_, index) => index);
    return indices.filter((index) => (this.truth[index] as number) + (this.predicted[index] as number) > 0);
  }
}

/** Divides, with 0 for an empty denominator like scikit-learn's zero_division=0. */
const share = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
