import type { ClassName } from "../../data/prediction.ts";
import type { BinaryRows, MulticlassRows } from "./metrics/answered-rows.ts";
import { ConfusionMatrix } from "./metrics/confusion-matrix.ts";

/** Rows of two classes by true and predicted class. */
export interface Confusion {
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
  readonly tp: number;
}

export interface ConfusionCounts {
  /** Of rows and columns. */
  readonly classes: readonly ClassName[];
  /** Rows of the snapshot by true class, then by predicted class. */
  readonly counts: readonly (readonly number[])[];
}

export function confusionOf(rows: BinaryRows): Confusion {
  const matrix = ConfusionMatrix.of(rows);
  return { tn: matrix.at(0, 0), fp: matrix.at(0, 1), fn: matrix.at(1, 0), tp: matrix.at(1, 1) };
}

export function confusionCounts(rows: MulticlassRows): ConfusionCounts {
  const matrix = ConfusionMatrix.of(rows);
  const { classes } = rows;
  return { classes, counts: classes.map((_, truth) => classes.map((_, predicted) => matrix.at(truth, predicted))) };
}
