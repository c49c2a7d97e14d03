import type { AnsweredRows, BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import type { LossKind } from "../metrics/metric.ts";
import { effectiveRows, type TooFew, tooFew } from "./interval.ts";

/** Returns the effective number of rows, rounded down: see effectiveRows. */
export const effectiveRowCount = (rows: number, weights?: ArrayLike<number>): number =>
  // Sums of equal weights are subject to rounding.
  weights ? Math.floor(effectiveRows(weights) * (1 + 1e-9)) : rows;

/** Returns, by class, the number of rows with a positive weight, the sum of their weights, and the sum of the squares. */
function weightsByClass({ rows, classes, labels }: BinaryRows | MulticlassRows, weights?: ArrayLike<number>) {
  const zeros = () => new Float64Array(classes.length);
  const [counts, sums, squares] = [zeros(), zeros(), zeros()];
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [labels[row] as number, weights ? (weights[row] as number) : 1];
    if (weight === 0) continue;
    counts[label] = (counts[label] as number) + 1;
    sums[label] = (sums[label] as number) + weight;
    squares[label] = (squares[label] as number) + weight ** 2;
  }
  return { counts, sums, squares };
}

/** Returns the effective number of rows of each class, rounded down. */
function rowsByClass(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): number[] {
  const { counts, sums, squares } = weightsByClass(rows, weights);
  if (!weights) return [...counts];
  return Array.from(sums, (sum, label) => Math.floor(((sum * sum) / (squares[label] || 1)) * (1 + 1e-9)));
}

/**
 * Returns, for each true class, the weight of one effective row: an effective number of rows with this equal weight has the variance of the class's own
 * rows. Pools the variation of weights within classes where that increases it, because a rare class has too few rows to show it. 1 for a class without rows.
 */
export function effectiveUnits(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): Float64Array {
  const { counts, sums, squares } = weightsByClass(rows, weights);
  const present = [...counts.keys()].filter((label) => (counts[label] as number) > 0);
  const meanOf = (label: number) => (sums[label] as number) / (counts[label] as number);
  const relative = (label: number) => (squares[label] as number) / meanOf(label) ** 2;
  const pooled =
    present.reduce((sum, label) => sum + relative(label), 0) / counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count, label) => (count > 0 ? meanOf(label) * Math.max(pooled, relative(label) / count) : 1));
}

/** Returns the effective number of rows of each class, based on effectiveUnits. */
export function effectiveByClass(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): Float64Array {
  const { sums } = weightsByClass(rows, weights);
  const units = effectiveUnits(rows, weights);
  return sums.map((sum, label) => sum / (units[label] as number));
}

/** Returns the effective rows of the rarest class that has rows; for a regressor, of all rows. */
export function rarestClass(rows: AnsweredRows, weights?: ArrayLike<number>): number {
  if (rows.task === "regression") return effectiveRowCount(rows.rows, weights);
  return Math.min(...rowsByClass(rows, weights).filter((count) => count > 0));
}

const weightNote = (weights?: ArrayLike<number>) => (weights ? " after weighting" : "");

/** Reports a class with too few rows, and about how many rows in total would suffice. */
export function enoughOfEachClass(rows: AnsweredRows, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  if (rows.task === "regression") return undefined;
  // A class without rows is one that only the model names.
  const present = rowsByClass(rows, weights)
    .map((count, index) => ({ count, name: rows.classes[index] }))
    .filter(({ count }) => count > 0);
  const rarest = present.toSorted((a, b) => a.count - b.count)[0];
  if (!rarest) return tooFew("no rows");
  if (present.length < 2) return tooFew(`all rows are of class ${rarest.name}`);
  if (rarest.count >= fewest) return undefined;
  const needed = roundUp((fewest * rows.rows) / rarest.count);
  return tooFew(
    `too few rows: ${rarest.count} of class ${rarest.name}${weightNote(weights)}; ${fewest} are needed, or about ${needed} rows in total at this share`,
  );
}

/** Reports too few rows in total. */
export function enoughRows(rows: number, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  const counted = effectiveRowCount(rows, weights);
  return counted >= fewest
    ? undefined
    : tooFew(`too few rows: ${counted}${weightNote(weights)}; at least about ${fewest} are needed`);
}

/** Weights count as uneven if the effective rows are a smaller share of the weighted rows than this. */
const EVEN_SHARE = 0.7;

/** Reports too few rows for the mean of a classifier's losses. It needs rows of each class, and more if a few rows may carry most of the weight. */
export function enoughForLosses(rows: AnsweredRows, weights?: ArrayLike<number>): TooFew | undefined {
  const few = enoughOfEachClass(rows, FEWEST.losses, weights);
  if (few || !weights) return few;
  let weighted = 0;
  for (let row = 0; row < rows.rows; row++) if (weights[row] !== 0) weighted++;
  return effectiveRowCount(rows.rows, weights) < EVEN_SHARE * weighted
    ? enoughRows(rows.rows, FEWEST.weightedLosses, weights)
    : undefined;
}

/** Rounds an estimate to two digits. */
function roundUp(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return Math.ceil(rows / unit - 1e-9) * unit;
}

/**
 * Minimum number of rows for each method. With fewer, its measured one-sided error is too large (npm run bench:coverage). For classifiers, counts the
 * rows of the rarest class.
 */
export const FEWEST = {
  counts: 3,
  /** Like `counts`, for more than two classes. */
  countsOfMany: 5,
  area: 3,
  averagePrecision: 4,
  distance: 3,
  losses: 3,
  /** All rows, if their weights are uneven. */
  weightedLosses: 100,
  pairedArea: 5,
  /** Rows on which two models differ. */
  differing: 10,
  /** All rows. */
  calibration: 100,
  /** Rows of each outcome. */
  calibrationOutcomes: 10,
  /** Average rows per class, for more than two classes. */
  countsPerClass: 20,
  /** All rows of a regressor, because difficult rows may be rare. */
  errors: 200,
  squaredErrors: 400,
  /** All rows, for the ratio of two means of squared errors. */
  squaredRatio: 600,
} as const;

/** Returns the minimum number of rows for the interval of a regression metric with these losses. */
export const fewestOfLosses = ({ kind, squared }: LossKind): number => {
  if (!squared) return FEWEST.errors;
  return kind === "ratio" ? FEWEST.squaredRatio : FEWEST.squaredErrors;
};
