import type { AnsweredRows, BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import { effectiveRows, type TooFew, tooFew } from "./interval.ts";

/** Whole rows, as many as their weights make of them: see effectiveRows. */
export const rowsThatCount = (rows: number, weights?: ArrayLike<number>): number =>
  // Sums of equal weights are rounded.
  weights ? Math.floor(effectiveRows(weights) * (1 + 1e-9)) : rows;

/** Rows of each class, as many as their weights make of them. */
function rowsByClass({ rows, classes, labels }: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): number[] {
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
    return square > 0 ? Math.floor(((sum * sum) / square) * (1 + 1e-9)) : 0;
  });
}

/** Rows of the rarest class that has any. */
export function rarestClass(rows: AnsweredRows, weights?: ArrayLike<number>): number {
  if (rows.task === "regression") return rowsThatCount(rows.rows, weights);
  return Math.min(...rowsByClass(rows, weights).filter((count) => count > 0));
}

const byWeights = (weights?: ArrayLike<number>) => (weights ? " by their weights" : "");

/** Says that rows are too few, and about how many would do, where a class has fewer than it needs. */
export function enoughOfEachClass(rows: AnsweredRows, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  if (rows.task === "regression") return undefined;
  // A class without a row is none of the data's: only the model names it.
  const present = rowsByClass(rows, weights)
    .map((count, index) => ({ count, name: rows.classes[index] }))
    .filter(({ count }) => count > 0);
  const rarest = present.toSorted((a, b) => a.count - b.count)[0];
  if (!rarest) return tooFew("no rows");
  if (present.length < 2) return tooFew(`all rows are of class ${rarest.name}`);
  if (rarest.count >= fewest) return undefined;
  const needed = roundUp((fewest * rows.rows) / rarest.count);
  return tooFew(
    `too few rows: ${rarest.count} of class ${rarest.name}${byWeights(weights)}, ${fewest} are needed, at this share at least about ${needed} rows`,
  );
}

export function enoughRows(rows: number, fewest: number, weights?: ArrayLike<number>): TooFew | undefined {
  const counted = rowsThatCount(rows, weights);
  return counted >= fewest
    ? undefined
    : tooFew(`too few rows: ${counted}${byWeights(weights)}, at least about ${fewest} are needed`);
}

/** Weights tell rows apart by so much where the rows that count are a smaller share of those that have one. */
const EVEN = 0.7;

/** Rows that the mean of a classifier's losses needs: some of each class, and more where few rows may carry most of the weight. */
export function enoughForLosses(rows: AnsweredRows, weights?: ArrayLike<number>): TooFew | undefined {
  const few = enoughOfEachClass(rows, FEWEST.losses, weights);
  if (few || !weights) return few;
  let weighed = 0;
  for (let row = 0; row < rows.rows; row++) if (weights[row] !== 0) weighed++;
  return rowsThatCount(rows.rows, weights) < EVEN * weighed
    ? enoughRows(rows.rows, FEWEST.weightedLosses, weights)
    : undefined;
}

/** To two digits: it is an estimate. */
export function roundUp(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, rows))) - 1);
  return Math.ceil(rows / unit - 1e-9) * unit;
}

/** Rows below which a method's one-sided error was measured to be too large (npm run bench:coverage): of the rarest class for classifiers. */
export const FEWEST = {
  counts: 3,
  /** The same of more than two classes. */
  countsOfMany: 5,
  area: 3,
  averagePrecision: 4,
  distance: 3,
  losses: 3,
  /** All rows, where their weights differ much. */
  weightedLosses: 100,
  pairedArea: 5,
  /** Rows on which two models differ. */
  differing: 10,
  /** All rows, and those that came true and that did not. */
  calibration: 100,
  calibrationOutcomes: 10,
  /** Rows for each of more than two classes, rare or not. */
  countsPerClass: 20,
  /** All rows of a regressor: those that are hard may be rare. */
  errors: 200,
  squaredErrors: 400,
} as const;
