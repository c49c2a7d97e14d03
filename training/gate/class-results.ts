import type { ClassName } from "../../data/prediction.ts";
import type { MulticlassRows } from "./metrics/answered-rows.ts";
import { type CalibrationBin, CalibrationSums } from "./metrics/calibration-bins.ts";
import { ConfusionMatrix } from "./metrics/confusion-matrix.ts";

/** Results of a multiclass model for one class against all others. */
export interface ClassResult {
  readonly name: ClassName;
  /** Rows of the class. */
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Predicted probability and observed frequency; only for the classes where they differ most, of models with probabilities. */
  readonly calibration?: readonly CalibrationBin[];
}

/** Of more classes, those with the lowest F1 are kept. */
export const MOST_CLASSES = 60;
/** Number of plots that fit side by side. */
const MOST_CALIBRATIONS = 12;

/**
 * Computes precision, recall, F1 and calibration of each class that occurs, in the order of the classes.
 * @param weights one per row; without them, every row counts once
 * @param like selects these classes instead, such as those of the model to compare with
 */
export function classResults(
  rows: MulticlassRows,
  weights?: ArrayLike<number>,
  like?: readonly ClassResult[],
): ClassResult[] {
  const matrix = ConfusionMatrix.of(rows, weights);
  const sizes = rowsByClass(rows);
  const occurring = new Set(matrix.occurring);
  const all = rows.classes.map((name, index) => ({
    name,
    rows: sizes[index] as number,
    precision: matrix.precision(index),
    recall: matrix.recall(index),
    f1: matrix.f1(index),
  }));
  const kept = like
    ? like.flatMap(({ name }) => all.find((one) => one.name === name) ?? [])
    : mostOf(
        all.filter((_, index) => occurring.has(index)),
        MOST_CLASSES,
        ({ f1 }) => -f1,
      );
  const calibrations = calibrationsOf(rows, weights);
  if (!calibrations) return kept;
  const errors = new Map(rows.classes.map((name, index) => [name, calibrations[index]]));
  const calibrated = new Set(
    like
      ? like.filter(({ calibration }) => calibration).map(({ name }) => name)
      : mostOf(kept, MOST_CALIBRATIONS, ({ name }) => errors.get(name)?.error ?? 0).map(({ name }) => name),
  );
  return kept.map((one) => {
    const sums = calibrated.has(one.name) ? errors.get(one.name) : undefined;
    return sums ? { ...one, calibration: sums.bins } : one;
  });
}

/** Returns the entries with the largest values, in their original order. */
function mostOf<Entry>(entries: readonly Entry[], most: number, value: (entry: Entry) => number): Entry[] {
  if (entries.length <= most) return [...entries];
  const largest = new Set(entries.toSorted((a, b) => value(b) - value(a)).slice(0, most));
  return entries.filter((entry) => largest.has(entry));
}

function rowsByClass({ rows, classes, labels }: MulticlassRows): Float64Array {
  const counts = new Float64Array(classes.length);
  for (let row = 0; row < rows; row++) {
    const label = labels[row] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  return counts;
}

/** One per class; undefined for models without probabilities. */
function calibrationsOf(
  { rows, classes, labels, probabilities }: MulticlassRows,
  weights: ArrayLike<number> | undefined,
): CalibrationSums[] | undefined {
  if (!probabilities) return undefined;
  const width = classes.length;
  const sums = classes.map(() => new CalibrationSums());
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    const label = labels[row];
    for (let index = 0; index < width; index++)
      sums[index]?.add(label === index ? 1 : 0, probabilities[row * width + index] as number, weight);
  }
  return sums;
}
