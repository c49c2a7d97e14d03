import type { BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import type { Metric } from "../metrics/metric.ts";
import { BinaryView, MulticlassView } from "../metrics/views.ts";
import { dirichletDraws } from "../statistics/dirichlet.ts";
import { quantile } from "../statistics/quantile.ts";
import { type Found, SEED } from "./interval.ts";

/** Number of posterior draws; a matrix with many classes gets fewer. */
const DRAWS = 2_000;
const CELLS = 4e6;
const FEWEST_DRAWS = 500;
export const drawsFor = (cells: number) => Math.max(FEWEST_DRAWS, Math.min(DRAWS, Math.floor(CELLS / cells)));

/**
 * Interval of a metric that depends only on counts, from the posterior of the confusion matrix (Goutte and Gaussier 2005, "A probabilistic interpretation of
 * precision, recall and F-score"; Caelen 2017, "A Bayesian interpretation of the confusion matrix"): Dirichlet with Jeffreys' prior for two classes,
 * half a row per cell, and two rows in total for more classes, half of them for correct predictions. If all rows are correct, it does not shrink to a
 * point. Its one-sided error is of second order for a proportion (Cai 2005).
 */
export function countInterval(
  metric: Metric,
  rows: BinaryRows | MulticlassRows,
  confidence: number,
  weights?: ArrayLike<number>,
): Found {
  const matrix = ConfusionMatrix.of(rows, weights);
  const size = matrix.classes;
  const units = weights && effectiveUnits(rows, weights);
  const unitOf = (cell: number) => units?.[Math.floor(cell / size)] ?? 1;
  const shapes = matrix.cells.map((count, cell) => {
    const truth = Math.floor(cell / size);
    return (matrix.truth[truth] as number) > 0 ? count / unitOf(cell) + priorOf(truth, cell % size, size) : 0;
  });
  const measure = (cells: Float64Array) => {
    const drawn = new ConfusionMatrix(size, units ? cells.map((count, cell) => count * unitOf(cell)) : cells);
    const view =
      rows.task === "binary" ? new BinaryView(rows, undefined, drawn) : new MulticlassView(rows, undefined, drawn);
    return metric.valueOf(view) ?? Number.NaN;
  };
  const draws = drawsFor(size * size);
  const sorted = Float64Array.from(dirichletDraws(shapes, { draws, seed: SEED }), measure).sort();
  const tail = (1 - confidence) / 2;
  const view =
    rows.task === "binary" ? new BinaryView(rows, weights, matrix) : new MulticlassView(rows, weights, matrix);
  const value = metric.valueOf(view) ?? Number.NaN;
  return {
    // If all rows are correct, the prior must not rule out that the true value is 1.
    interval: [Math.min(value, quantile(sorted, tail)), Math.max(value, quantile(sorted, 1 - tail))],
    why: `posterior of the confusion matrix with Jeffreys' prior, ${draws} draws, seed ${SEED}`,
  };
}

/** Two rows in total: more would outweigh the data with many classes. */
export const priorOf = (truth: number, answer: number, classes: number): number =>
  truth === answer ? 1 / classes : 1 / classes / (classes - 1);

/**
 * Returns for each true class the weight that one effective row stands for: the class's draws then vary as much as the sum of its rows' weights does.
 * The variation of the weights within classes is pooled where that gives more of it: a rare class has too few rows to show it.
 */
export function effectiveUnits(
  { rows, classes, labels }: BinaryRows | MulticlassRows,
  weights: ArrayLike<number>,
): Float64Array {
  const [counts, sums, squares] = [0, 1, 2].map(() => new Float64Array(classes.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rows; row++) {
    const [label, weight] = [labels[row] as number, weights[row] as number];
    if (weight === 0) continue;
    counts[label] = (counts[label] as number) + 1;
    sums[label] = (sums[label] as number) + weight;
    squares[label] = (squares[label] as number) + weight ** 2;
  }
  const means = sums.map((sum, label) => sum / Math.max(1, counts[label] as number));
  const relative = (label: number) => (squares[label] as number) / (means[label] as number) ** 2;
  const present = [...counts.keys()].filter((label) => (counts[label] as number) > 0);
  const pooled =
    present.reduce((sum, label) => sum + relative(label), 0) / counts.reduce((sum, count) => sum + count, 0);
  return means.map((mean, label) =>
    present.includes(label) ? mean * Math.max(pooled, relative(label) / (counts[label] as number)) : 1,
  );
}
