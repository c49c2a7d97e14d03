import type { FloatArray } from "./number-array.ts";

/** A class, as named by the model or the data. */
export type ClassName = string | number | boolean;

/** Predictions of a classifier. */
export interface ClassPrediction {
  readonly kind: "classes";
  /**
   * In the order of the score columns, followed by classes that the model does not name, in the order of their first row. If it names none, all are
   * in the order of their first row.
   */
  readonly classes: readonly ClassName[];
  /** Number of leading `classes` that the model names: only those have a known score column. */
  readonly named: number;
  /** Whether the order of the score columns is assumed, so that the model's labels may contradict it. Absent if the model states the order. */
  readonly isAssumed?: boolean;
  /** One per row: index into `classes`. */
  readonly codes: Int32Array;
  /** Absent for a model without scores. */
  readonly scores?: Scores;
}

/** Row-major, rows x width. */
export interface Scores {
  readonly data: FloatArray;
  /** One per class that the model names; or 1 for a score that belongs to no class, such as an anomaly score. */
  readonly width: number;
  /** The model's name for the scores, if any. */
  readonly name?: string | undefined;
  /** Whether each row is a distribution over the classes. Margins and anomaly scores are not. */
  readonly areProbabilities: boolean;
}

/** Predictions of a regressor, or of another model that outputs numbers. */
interface ValuePrediction {
  readonly kind: "values";
  /** Row-major, rows x the product of `shape`. */
  readonly data: FloatArray;
  /** Dimensions of one row's prediction; [] if the tensor has no second dimension. */
  readonly shape: readonly number[];
}

export type Prediction = ClassPrediction | ValuePrediction;

/** Ground truth of a snapshot's rows. */
export type Truth =
  | { readonly kind: "classes"; readonly classes: readonly ClassName[]; readonly codes: Int32Array }
  | {
      readonly kind: "values";
      /** Row-major, rows x targets. */
      readonly data: Float64Array;
      readonly targets: readonly string[];
    };
