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
  /** Present for an anomaly detector: the positive class is that of the anomalies, and there are no probabilities. */
  readonly anomaly?: Detector;
}

/** Which end of a detector's scores its anomalies are at. */
export type AnomalyScores = "low" | "high";

/** What is particular to the answers of an anomaly detector. */
export interface Detector {
  /** Absent for a detector that gives labels alone. */
  readonly scores?: AnomalyScores | undefined;
  /** Labels that the detector gave or names, by which others are read: rows that are all normal show one of them alone. */
  readonly labels?: readonly ClassName[] | undefined;
  /** The detector gives scores alone: `predicted` says nothing, and no metric of labels is defined. */
  readonly unlabelled?: true | undefined;
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
/** What a model is judged as. The rows of an anomaly detector are those of two classes. */
export type Task = AnsweredRows["task"] | "anomaly";

/** What is particular to an anomaly detector's answers; undefined for another model's. */
export const detectorOf = (rows: AnsweredRows): Detector | undefined =>
  rows.task === "binary" ? rows.anomaly : undefined;

export const judgedAs = (rows: AnsweredRows): Task => (detectorOf(rows) ? "anomaly" : rows.task);

/** Why metrics of labels are not defined for a detector that gives scores alone. */
export const UNLABELLED = "the model gives scores alone, and labels no row";
