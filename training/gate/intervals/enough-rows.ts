import type { AnsweredRows, BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import type { RowLosses } from "../metrics/metric.ts";
import { effectiveRows, type TooFew, tooFew } from "./interval.ts";

/** Effective number of rows, rounded down: see effectiveRows. */
export const rowsThatCount = (rows: number, weights?: ArrayLike<number>): number =>
  // Sums of equal weights are subject to rounding.
  weights ? Math.floor(effectiveRows(weights) * (1 + 1e-9)) : rows;

/** Effective number of rows of each class, rounded down. */
const rowsByClass = (rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): number[] =>
  effectiveByClass(rows, weights).map((count) => Math.floor(count * (1 + 1e-9)));

/** Effective number of rows of each class: see effectiveRows. */
export function effectiveByClass(
  { rows, classes, labels }: BinaryRows | MulticlassRows,
  weights?: ArrayLike<number>,
): number[] {
  const counts = new Array<number>(classes.length).fill(0);
  const [sums, squares] = [new Float64Array(classes.length), new Float64Array(classes.length)];
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [labels[row] as number, weights ? (weights[row] as number) : 1];
    counts[label] = (counts[label] as number) + 1;
    sums[label] = (sums[label] as number) + weight;
    squares[label] = (squares[label] as number) + weight ** 2;
  }
  if (!weights) return counts;
  return counts.map((_, label) => {
    const [sum, square] = [sums[label] as number, squares[label] as number];
    return square > 0 ? (sum * sum) / square : 0;
  });
}

/** Rows of the rarest class that has any. */
export function rarestClass(rows: AnsweredRows, weights?: ArrayLike<number>): number {
  if (rows.task === "regression") return rowsThatCount(rows.rows, weights);
  return Math.min(...rowsByClass(rows, weights).filter((count) => count > 0));
}

const byWeights = (weights?: ArrayLike<number>) => (weights ? " by their weights" : "");

/** Reports too few rows, and about how many would suffice, if a class has fewer than it needs. */
export function enoughOfEachClass(rows: AnsweredRows, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  if (rows.task === "regression") return undefined;
  // Only the model names a class without rows: it is not in the data.
  const present = rowsByClass(rows, weights)
    .map((count, index) => ({ count, name: rows.classes[index] }))
    .filter(({ count }) => count > 0);
  const rarest = present.toSorted((a, b) => a.count - b.count)[0];
  if (!rarest) return tooFew("no rows");
  if (present.length < 2) return tooFew(`all rows are of class ${rarest.name}`);
  if (rarest.count >= fewest) return undefined;
  const needed = roundUp((fewest * rows.rows) / rarest.count);
  return tooFew(
    `too few rows: ${rarest.count} of class ${rarest.name}${byWeights(weights)}; ${fewest} are needed, which at this share takes about ${needed} rows`,
  );
}

export function enoughRows(rows: number, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  const counted = rowsThatCount(rows, weights);
  return counted >= fewest
    ? undefined
    : tooFew(`too few rows: ${counted}${byWeights(weights)}; at least about ${fewest} are needed`);
}

/** Weights differ significantly if the effective rows are a smaller share of the weighted rows than this. */
const EVEN = 0.7;

/** Rows that the mean of a classifier's losses needs: some of each class, and more if few rows may carry most of the weight. */
export function enoughForLosses(rows: AnsweredRows, weights?: ArrayLike<number>): TooFew | undefined {
  const few = enoughOfEachClass(rows, FEWEST.losses, weights);
  if (few || !weights) return few;
  let weighed = 0;
  for (let row = 0; row < rows.rows; row++) if (weights[row] !== 0) weighed++;
  return rowsThatCount(rows.rows, weights) < EVEN * weighed
    ? enoughRows(rows.rows, FEWEST.weightedLosses, weights)
    : undefined;
}

/** Rounds an estimate to two digits. */
export function roundUp(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return Math.ceil(rows / unit - 1e-9) * unit;
}

/** Below these numbers of rows, a method's measured one-sided error is too large (npm run bench:coverage): of the rarest class for classifiers. */
export const FEWEST = {
  counts: 3,
  /** The same for more than two classes. */
  countsOfMany: 5,
  area: 3,
  averagePrecision: 4,
  distance: 3,
  losses: 3,
  /** All rows, if their weights differ significantly. */
  weightedLosses: 100,
  pairedArea: 5,
  /** Rows on which two models differ. */
  differing: 10,
  /** All rows, and rows of each outcome. */
  calibration: 100,
  calibrationOutcomes: 10,
  /** Rows of each of more than two classes, rare or not. */
  countsPerClass: 20,
  /** All rows of a regressor: difficult ones may be rare. */
  errors: 200,
  squaredErrors: 400,
  /** The ratio of two of their means. */
  squaredRatio: 600,
} as const;

/** Rows of a regressor that the interval of a metric from these losses needs. */
export const fewestOfLosses = ({ kind, squared }: Pick<RowLosses, "kind" | "squared">): number => {
  if (!squared) return FEWEST.errors;
  return kind === "ratio" ? FEWEST.squaredRatio : FEWEST.squaredErrors;
};
