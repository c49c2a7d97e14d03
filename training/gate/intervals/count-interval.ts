import type { BinaryRows, MulticlassRows } from "../metrics/answered-rows.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import type { Metric } from "../metrics/metric.ts";
import { BinaryView, MulticlassView } from "../metrics/views.ts";
import { dirichletDraws } from "../statistics/dirichlet.ts";
import { quantile } from "../statistics/quantile.ts";
import { effectiveUnits } from "./enough-rows.ts";
import { type Found, SEED } from "./interval.ts";

/** Number of posterior draws. A matrix with many classes gets fewer. */
const DRAWS = 2_000;
const CELLS = 4e6;
const FEWEST_DRAWS = 500;
/** Returns the number of draws for a matrix of this size. */
export const drawsFor = (cells: number) => Math.max(FEWEST_DRAWS, Math.min(DRAWS, Math.floor(CELLS / cells)));

/**
 * Computes the interval of a metric that depends only on counts, from the posterior of the confusion matrix (Goutte and Gaussier 2005, "A probabilistic
 * interpretation of precision, recall and F-score"; Caelen 2017, "A Bayesian interpretation of the confusion matrix"). The posterior is a Dirichlet
 * distribution. The prior for two classes is Jeffreys', half a row per cell; for more classes, it has two rows in total, of which half are correct. If all
 * predictions are correct, the interval does not shrink to a point. For a proportion, its one-sided error is of second order (Cai 2005).
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
    // If all predictions are correct, the prior must not rule out that the true value is 1.
    interval: [Math.min(value, quantile(sorted, tail)), Math.max(value, quantile(sorted, 1 - tail))],
    why: `posterior of the confusion matrix with Jeffreys' prior, ${draws} draws, seed ${SEED}`,
  };
}

/**
 * Computes the interval of the weighted share of correct predictions. Draws only the correct and the wrong rows of each class, because drawing the
 * whole matrix would take seconds with hundreds of classes.
 */
export function correctInterval(
  rows: BinaryRows | MulticlassRows,
  confidence: number,
  weights: ArrayLike<number>,
): Found {
  const matrix = ConfusionMatrix.of(rows, weights);
  const units = effectiveUnits(rows, weights);
  const present = [...units.keys()].filter((truth) => (matrix.truth[truth] as number) > 0);
  const prior = priorOf(0, 0, matrix.classes);
  const shapes = present.flatMap((truth) => {
    const [right, all, unit] = [matrix.at(truth, truth), matrix.truth[truth] as number, units[truth] as number];
    return [right / unit + prior, (all - right) / unit + prior];
  });
  const measure = (cells: Float64Array) => {
    let [right, all] = [0, 0];
    for (const [index, truth] of present.entries()) {
      const [hits, misses] = [cells[2 * index] as number, cells[2 * index + 1] as number];
      right += hits * (units[truth] as number);
      all += (hits + misses) * (units[truth] as number);
    }
    return right / all;
  };
  const sorted = Float64Array.from(
    dirichletDraws(Float64Array.from(shapes), { draws: DRAWS, seed: SEED }),
    measure,
  ).sort();
  const tail = (1 - confidence) / 2;
  return {
    interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
    why: `posterior of the correct rows by class with Jeffreys' prior, ${DRAWS} draws, seed ${SEED}`,
  };
}

/** Returns a cell's share of the prior, which has two rows in total: with many classes, more would outweigh the data. */
const priorOf = (truth: number, predicted: number, classes: number): number =>
  truth === predicted ? 1 / classes : 1 / classes / (classes - 1);
