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
  /** Classes of rows and columns. */
  readonly classes: readonly ClassName[];
  /** Rows of the snapshot by true class, then by predicted class. */
  readonly counts: readonly (readonly number[])[];
}

/** Rows of one class that were predicted as another. */
export interface ConfusedPair {
  readonly actual: ClassName;
  readonly predicted: ClassName;
  readonly rows: number;
}

/** Summary of a matrix with too many classes to read. */
export interface ConfusedPairs {
  readonly rows: number;
  readonly right: number;
  /** Most frequent first. */
  readonly pairs: readonly ConfusedPair[];
}

const MOST_PAIRS = 20;

export function confusionOf(rows: BinaryRows): Confusion {
  const matrix = ConfusionMatrix.of(rows);
  return { tn: matrix.at(0, 0), fp: matrix.at(0, 1), fn: matrix.at(1, 0), tp: matrix.at(1, 1) };
}

export function confusionCounts(rows: MulticlassRows): ConfusionCounts {
  const matrix = ConfusionMatrix.of(rows);
  const { classes } = rows;
  return { classes, counts: classes.map((_, truth) => classes.map((_, predicted) => matrix.at(truth, predicted))) };
}

/**
 * Picks the pairs of classes that are confused most often.
 * @param like counts these pairs instead, such as those of the model to compare with
 */
export function confusedPairs({ classes, counts }: ConfusionCounts, like?: readonly ConfusedPair[]): ConfusedPairs {
  const sum = (row: readonly number[]) => row.reduce((total, count) => total + count, 0);
  const total = {
    rows: sum(counts.map(sum)),
    right: sum(counts.map((row, truth) => row[truth] ?? 0)),
  };
  if (like) {
    const indexes = new Map(classes.map((name, index) => [name, index]));
    const rowsOf = (actual: ClassName, predicted: ClassName) =>
      counts[indexes.get(actual) ?? -1]?.[indexes.get(predicted) ?? -1] ?? 0;
    return {
      ...total,
      pairs: like.map(({ actual, predicted }) => ({ actual, predicted, rows: rowsOf(actual, predicted) })),
    };
  }
  const wrong = counts.flatMap((row, truth) =>
    row.flatMap((rows, predicted) => (rows > 0 && truth !== predicted ? [{ truth, predicted, rows }] : [])),
  );
  const pairs = wrong
    .toSorted((a, b) => b.rows - a.rows)
    .slice(0, MOST_PAIRS)
    .map(({ truth, predicted, rows }) => ({
      actual: classes[truth] as ClassName,
      predicted: classes[predicted] as ClassName,
      rows,
    }));
  return { ...total, pairs };
}
