import type { ClassName } from "../../../data/prediction.ts";

/** Truth and answers of a binary classifier, row by row. */
export interface BinaryRows {
  readonly task: "binary";
  readonly rows: number;
  /** Negative class first. */
  readonly classes: readonly [ClassName, ClassName];
  /** 1 for the positive class; one a row. */
  readonly labels: Int32Array;
  readonly predicted: Int32Array;
  /** Probability of the positive class, clipped to [0, 1]; absent for models that give none. */
  readonly positive?: Float64Array;
  /** Larger means more surely positive: the probabilities, or margins and anomaly scores; absent for models that give neither. */
  readonly scores?: Float64Array;
  /** Machine epsilon of the type that the model gives its probabilities in: 2^-23 for float32, 2^-52 for float64. */
  readonly epsilon: number;
}

/** Truth and answers of a classifier of more classes. */
export interface MulticlassRows {
  readonly task: "multiclass";
  readonly rows: number;
  readonly classes: readonly ClassName[];
  /** Index into classes; one a row. */
  readonly labels: Int32Array;
  readonly predicted: Int32Array;
  /** Row-major, rows x classes.length, clipped to [0, 1]; absent for models that give none. */
  readonly probabilities?: Float64Array;
  readonly epsilon: number;
}

/** Truth and answers of a regressor. */
export interface RegressionRows {
  readonly task: "regression";
  readonly rows: number;
  readonly targets: readonly string[];
  /** Row-major, rows x targets.length. */
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
}

export type AnsweredRows = BinaryRows | MulticlassRows | RegressionRows;
export type Task = AnsweredRows["task"];
