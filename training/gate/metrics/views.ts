import type { BinaryRows, MulticlassRows, RegressionRows } from "./answered-rows.ts";
import { ConfusionMatrix } from "./confusion-matrix.ts";
import { type PairAreas, pairAreas } from "./pair-areas.ts";
import { type ThresholdCurve, thresholdCurve } from "./threshold-curve.ts";

/** A classifier's rows with weights. Metrics share the confusion matrix, so that rows are counted once. */
class ClassesView<Rows extends BinaryRows | MulticlassRows> {
  readonly rows: Rows;
  /** One per row; without them, every row counts once. */
  readonly weights: ArrayLike<number> | undefined;
  #confusion: ConfusionMatrix | undefined;

  /** @param confusion if the rows have already been counted */
  constructor(rows: Rows, weights?: ArrayLike<number>, confusion?: ConfusionMatrix) {
    this.rows = rows;
    this.weights = weights;
    this.#confusion = confusion;
  }

  get confusion(): ConfusionMatrix {
    this.#confusion ??= ConfusionMatrix.of(this.rows, this.weights);
    return this.#confusion;
  }
}

export class BinaryView extends ClassesView<BinaryRows> {
  #curve: ThresholdCurve | undefined;

  /** Only for rows with scores or probabilities. */
  get curve(): ThresholdCurve {
    this.#curve ??= thresholdCurve(this.rows, this.weights);
    return this.#curve;
  }
}

export class MulticlassView extends ClassesView<MulticlassRows> {
  #areas: PairAreas | undefined;

  /** Only for rows with probabilities. */
  get areas(): PairAreas {
    this.#areas ??= pairAreas(this.rows, this.weights);
    return this.#areas;
  }
}

export class RegressionView {
  readonly rows: RegressionRows;
  readonly weights: ArrayLike<number> | undefined;

  constructor(rows: RegressionRows, weights?: ArrayLike<number>) {
    this.rows = rows;
    this.weights = weights;
  }
}

export type ClassView = BinaryView | MulticlassView;
export type View = ClassView | RegressionView;
