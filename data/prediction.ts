import type { FloatArray } from "./number-array.ts";

/** A class as the model or the data names it. */
export type ClassName = string | number | boolean;

/** What a classifier answers. */
export interface ClassPrediction {
  readonly kind: "classes";
  /**
   * In the order of the scores' columns; those that the model did not name come behind, in the order of their first row. Where it names none, all
   * stand in that order.
   */
  readonly classes: readonly ClassName[];
  /** How many of `classes` the model names, from the first one: only those have a column of the scores that is known. */
  readonly named: number;
  /** Whether the model does not state that the scores' columns stand in this order, and its labels may contradict it. Absent where it does. */
  readonly isAssumed?: boolean;
  /** One a row: index into `classes`. */
  readonly codes: Int32Array;
  /** Absent for a model that gives none. */
  readonly scores?: Scores;
}

/** Row-major, rows x width. */
export interface Scores {
  readonly data: FloatArray;
  /** One for each class that the model names; or 1, such as an anomaly score, which belongs to no class. */
  readonly width: number;
  /** The model's own name for them, where it has one. */
  readonly name?: string | undefined;
  /** Whether each row is a distribution over the classes. Margins and anomaly scores are not. */
  readonly areProbabilities: boolean;
}

/** What a regressor, or a network of numbers, answers. */
export interface ValuePrediction {
  readonly kind: "values";
  /** Row-major, rows x the product of `shape`. */
  readonly data: FloatArray;
  /** Dimensions of one row's answer; [] where the tensor has one value a row and no second dimension. */
  readonly shape: readonly number[];
}

export type Prediction = ClassPrediction | ValuePrediction;

/** What the rows of a snapshot are known to be. */
export type Truth =
  | { readonly kind: "classes"; readonly classes: readonly ClassName[]; readonly codes: Int32Array }
  | {
      readonly kind: "values";
      /** Row-major, rows x targets. */
      readonly data: Float64Array;
      readonly targets: readonly string[];
    };
