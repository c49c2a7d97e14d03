import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassName } from "../../../data/prediction.ts";

/** Class indexes, as bytes if they fit. */
export type ClassCodes = Uint8Array | Int32Array;

/** Truth and predictions of a binary classifier, row by row. */
export interface BinaryRows {
  readonly task: "binary";
  readonly rows: number;
  /** Negative class first. */
  readonly classes: readonly [ClassName, ClassName];
  /** 1 for the positive class; one per row. */
  readonly labels: ClassCodes;
  readonly predicted: ClassCodes;
  /** Probability of the positive class, clipped to [0, 1]; absent for models without probabilities. */
  readonly positive?: FloatArray;
  /** Probabilities, margins or anomaly scores: a larger score means more likely positive. Absent for models without any. */
  readonly scores?: FloatArray;
  /** Machine epsilon of the probabilities' type: 2^-23 for float32, 2^-52 for float64. */
  readonly epsilon: number;
  /** Present for an anomaly detector: anomalies are the positive class, and there are no probabilities. */
  readonly anomaly?: Detector;
}

/** Which end of a detector's scores marks an anomaly. */
export type AnomalyScores = "low" | "high";

/** Properties of an anomaly detector's predictions. */
export interface Detector {
  /** Absent for a detector with only labels. */
  readonly scores?: AnomalyScores | undefined;
  /** Labels that the detector returned or declares. They determine how later labels are read, because rows that are all normal have only one label. */
  readonly labels?: readonly ClassName[] | undefined;
  /** The detector has only scores: `predicted` is meaningless, and label metrics are not defined. */
  readonly unlabelled?: true | undefined;
}

/** Truth and predictions of a multiclass classifier. */
export interface MulticlassRows {
  readonly task: "multiclass";
  readonly rows: number;
  readonly classes: readonly ClassName[];
  /** Index into classes; one per row. */
  readonly labels: ClassCodes;
  readonly predicted: ClassCodes;
  /** Row-major, rows x classes.length, clipped to [0, 1]; absent for models without probabilities. */
  readonly probabilities?: FloatArray;
  readonly epsilon: number;
}

/** Truth and predictions of a regressor. */
export interface RegressionRows {
  readonly task: "regression";
  readonly rows: number;
  readonly targets: readonly string[];
  /** Row-major, rows x targets.length. */
  readonly truth: Float64Array;
  readonly predicted: FloatArray;
}

export type AnsweredRows = BinaryRows | MulticlassRows | RegressionRows;
/** Task of a model. An anomaly detector's rows have two classes. */
export type Task = AnsweredRows["task"] | "anomaly";

/** Returns the properties of an anomaly detector's predictions; undefined for other models. */
export const detectorOf = (rows: AnsweredRows): Detector | undefined =>
  rows.task === "binary" ? rows.anomaly : undefined;

/** Returns the task by which the gate evaluates the rows. */
export const judgedAs = (rows: AnsweredRows): Task => (detectorOf(rows) ? "anomaly" : rows.task);

/** Why label metrics are not defined for a detector with only scores. */
export const UNLABELLED = "the model returns only scores, and no labels";

/** Computes a value once per object and caches it for the object's lifetime. */
export function oncePer<Key extends object, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const cache = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const cached = cache.get(key);
    if (cached) return cached.value;
    const value = compute(key);
    cache.set(key, { value });
    return value;
  };
}
