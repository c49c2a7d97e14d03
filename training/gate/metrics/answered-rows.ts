import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassName } from "../../../data/prediction.ts";

/** Indices of classes, in bytes where they fit. */
export type ClassCodes = Uint8Array | Int32Array;

/** Truth and answers of a binary classifier, row by row. */
export interface BinaryRows {
  readonly task: "binary";
  readonly rows: number;
  /** Negative class first. */
  readonly classes: readonly [ClassName, ClassName];
  /** 1 for the positive class; one a row. */
  readonly labels: ClassCodes;
  readonly predicted: ClassCodes;
  /** Probability of the positive class, clipped to [0, 1]; absent for models that give none. */
  readonly positive?: FloatArray;
  /** Larger means more surely positive: the probabilities, or margins and anomaly scores; absent for models that give neither. */
  readonly scores?: FloatArray;
  /** Machine epsilon of the type that the model gives its probabilities in: 2^-23 for float32, 2^-52 for float64. */
  readonly epsilon: number;
}

/** Truth and answers of a classifier of more classes. */
export interface MulticlassRows {
  readonly task: "multiclass";
  readonly rows: number;
  readonly classes: readonly ClassName[];
  /** Index into classes; one a row. */
  readonly labels: ClassCodes;
  readonly predicted: ClassCodes;
  /** Row-major, rows x classes.length, clipped to [0, 1]; absent for models that give none. */
  readonly probabilities?: FloatArray;
  readonly epsilon: number;
}

/** Truth and answers of a regressor. */
export interface RegressionRows {
  readonly task: "regression";
  readonly rows: number;
  readonly targets: readonly string[];
  /** Row-major, rows x targets.length. */
  readonly truth: Float64Array;
  readonly predicted: FloatArray;
}

export type AnsweredRows = BinaryRows | MulticlassRows | RegressionRows;
export type Task = AnsweredRows["task"];
