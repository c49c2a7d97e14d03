import type { AnsweredRows, BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import type { LossKind } from "../metrics/metric.ts";
import { effectiveRows, type TooFew, tooFew } from "./interval.ts";

/** Effective number of rows, rounded down: see effectiveRows. */
export const rowsThatCount = (rows: number, weights?: ArrayLike<number>): number =>
  // Sums of equal weights are subject to rounding.
  weights ? Math.floor(effectiveRows(weights) * (1 + 1e-9)) : rows;

/** By class: rows with a weight, the sum of their weights, and the sum of the squares. */
function weightsByClass({ rows, classes, labels }: BinaryRows | MulticlassRows, weights?: ArrayLike<number>) {
  const of = () => new Float64Array(classes.length);
  const [counts, sums, squares] = [of(), of(), of()];
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [labels[row] as number, weights ? (weights[row] as number) : 1];
    if (weight === 0) continue;
    counts[label] = (counts[label] as number) + 1;
    sums[label] = (sums[label] as number) + weight;
    squares[label] = (squares[label] as number) + weight ** 2;
  }
  return { counts, sums, squares };
}

/** Effective number of rows of each class, rounded down. */
function rowsByClass(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): number[] {
  const { counts, sums, squares } = weightsByClass(rows, weights);
  if (!weights) return [...counts];
  return Array.from(sums, (sum, label) => Math.floor(((sum * sum) / (squares[label] || 1)) * (1 + 1e-9)));
}

/**
 * Returns for each true class the weight that one effective row stands for: so many rows of this weight vary as much as the class's own do. The variation
 * of the weights within classes is pooled where that gives more of it: a rare class has too few rows to show it. 1 for a class without rows.
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

/** Effective number of rows of each class, by effectiveUnits. */
export function effectiveByClass(rows: BinaryRows | MulticlassRows, weights?: ArrayLike<number>): Float64Array {
  const { sums } = weightsByClass(rows, weights);
  const units = effectiveUnits(rows, weights);
  return sums.map((sum, label) => sum / (units[label] as number));
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
export const fewestOfLosses = ({ kind, squared }: LossKind): number => {
  if (!squared) return FEWEST.errors;
  return kind === "ratio" ? FEWEST.squaredRatio : FEWEST.squaredErrors;
};
