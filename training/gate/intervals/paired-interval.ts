import type { AnsweredRows, BinaryRows, ClassCodes, MulticlassRows } from "../metrics/answered-rows.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import type { Metric } from "../metrics/metric.ts";
import { BinaryView, MulticlassView } from "../metrics/views.ts";
import { dirichletDraws } from "../statistics/dirichlet.ts";
import { difference, type Estimate, hall, standardError, studentQuantile } from "../statistics/estimate.ts";
import { type Discordant, mcnemar, tango } from "../statistics/paired-proportions.ts";
import { quantile } from "../statistics/quantile.ts";
import { precisionEstimate, rocAreaEstimate } from "./area-interval.ts";
import { oneVersusOneEstimate, oneVersusRestEstimate } from "./class-areas.ts";
import { drawsFor } from "./count-interval.ts";
import {
  effectiveRowCount,
  effectiveUnits,
  enoughForLosses,
  enoughOfEachClass,
  enoughRows,
  FEWEST,
  fewestOfLosses,
  rarestClass,
} from "./enough-rows.ts";
import { isFound, type MaybeInterval, SEED, tooFew } from "./interval.ts";
import { lossEstimate } from "./mean-interval.ts";
import { metricInterval } from "./metric-interval.ts";

interface Comparison {
  readonly ours: AnsweredRows;
  /** Predictions for the same rows. */
  readonly theirs: AnsweredRows;
  /** Two-sided, such as 0.95. */
  readonly confidence: number;
  readonly weights?: ArrayLike<number> | undefined;
  /** Name of `theirs` in messages; default: champion. */
  readonly rival?: string | undefined;
}

/** Computes the confidence interval of the difference between two models' metrics on the same rows, ours minus theirs. */
export function pairedInterval(metric: Metric, comparison: Comparison): MaybeInterval {
  const { ours, theirs, confidence, weights, rival } = comparison;
  const counted = weights ? undefined : countedRows(metric, ours);
  if (counted && ours.task !== "regression" && theirs.task === ours.task)
    return proportionDifference(discordant(ours, theirs as typeof ours, counted), confidence, rival);
  const estimate = estimateOf(metric, weights);
  if (metric.counts && ours.task !== "regression" && theirs.task === ours.task)
    return (
      enoughOfEachClass(ours, FEWEST.counts, weights) ??
      enoughRows(ours.rows, ours.task === "multiclass" ? FEWEST.countsPerClass * ours.classes.length : 0, weights) ??
      countDifference(metric, ours, theirs as typeof ours, confidence, weights)
    );
  if (!estimate) return subtracted(metric, comparison);
  const problem = tooFewFor(metric, ours, weights);
  if (problem) return problem;
  const [one, other] = [estimate(ours), estimate(theirs)];
  if (!one || !other) return tooFew("the models' predictions cannot be compared");
  const change = difference(one, other);
  const differing = effectiveRowCount(
    ours.rows,
    change.influences.map((influence, row) => (influence === 0 ? 0 : (weights?.[row] ?? 1))),
  );
  if (differing < FEWEST.differing)
    return tooFew(
      `too few differences: the models differ on ${differing} of ${ours.rows} rows; ${FEWEST.differing} are needed`,
    );
  return metric.losses
    ? { interval: hall(change, confidence), why: "Hall's interval of the mean of the rows' differences" }
    : areaDifference(change, ours, confidence, weights);
}

/** Computes the interval from the covariance of the influences (DeLong's for areas), with Student's quantile for the rows of the rarest class. */
function areaDifference(
  change: Estimate,
  rows: AnsweredRows,
  confidence: number,
  weights?: ArrayLike<number>,
): MaybeInterval {
  const freedom = Math.max(1, rarestClass(rows, weights) - 1);
  const reach = studentQuantile(1 - (1 - confidence) / 2, freedom) * standardError(change);
  return {
    interval: [change.value - reach, change.value + reach],
    why: "covariance of the rows' influences (DeLong), Student's quantile",
  };
}

/** Reports too few rows for the comparison of estimates. */
function tooFewFor(metric: Metric, rows: AnsweredRows, weights?: ArrayLike<number>) {
  if (rows.task !== "regression")
    return metric.losses ? enoughForLosses(rows, weights) : enoughOfEachClass(rows, FEWEST.pairedArea, weights);
  const [first] = metric.losses?.(rows) ?? [];
  return enoughRows(rows.rows, first ? fewestOfLosses(first) : FEWEST.errors, weights);
}

/** Returns how to estimate the metric with influences; undefined for a metric without influences. */
function estimateOf(metric: Metric, weights?: ArrayLike<number>) {
  const { losses } = metric;
  if (losses)
    return (rows: AnsweredRows): Estimate | undefined => {
      const found = losses(rows, weights);
      return found && lossEstimate(found, weights);
    };
  const binary = { roc_auc: rocAreaEstimate, pr_auc: precisionEstimate }[metric.metric];
  const many = { roc_auc_ovr: oneVersusRestEstimate, roc_auc_ovo: oneVersusOneEstimate }[metric.metric];
  if (!binary && !many) return undefined;
  return (rows: AnsweredRows): Estimate | undefined => {
    if (rows.task === "binary") return binary?.(rows, weights);
    return rows.task === "multiclass" ? many?.(rows, weights) : undefined;
  };
}

/** Returns which labels are in a proportion's denominator; undefined if the denominator differs between models. */
function countedRows({ metric }: Metric, rows: AnsweredRows): ((label: number) => boolean) | undefined {
  if (rows.task === "regression") return undefined;
  if (metric === "accuracy" || metric.endsWith("_micro")) return () => true;
  if (rows.task !== "binary") return undefined;
  if (metric === "recall") return (label) => label === 1;
  return metric === "specificity" ? (label) => label === 0 : undefined;
}

type ClassRows = BinaryRows | MulticlassRows;

/** Counts the rows that only one model predicts correctly. */
function discordant(ours: ClassRows, theirs: ClassRows, counted: (label: number) => boolean) {
  let [gained, lost, rows] = [0, 0, 0];
  for (let row = 0; row < ours.rows; row++) {
    const label = ours.labels[row] as number;
    if (!counted(label)) continue;
    rows++;
    const right = nameAt(ours, ours.predicted, row) === nameAt(ours, ours.labels, row);
    if (right === (nameAt(theirs, theirs.predicted, row) === nameAt(ours, ours.labels, row))) continue;
    if (right) gained++;
    else lost++;
  }
  return { gained, lost, rows };
}

/** Returns the class name, because each model may have its own classes in its own order. */
const nameAt = ({ classes }: ClassRows, codes: ClassCodes, row: number) => classes[codes[row] as number];

function proportionDifference(
  { rows, ...pairs }: Discordant & { readonly rows: number },
  confidence: number,
  rival = "champion",
) {
  if (rows === 0) return tooFew("no rows in its denominator");
  const { gained, lost } = pairs;
  const p = Number(mcnemar(pairs).toPrecision(3));
  return {
    interval: tango(pairs, rows, confidence),
    why: `only the candidate is right on ${gained} rows, only the ${rival} on ${lost}: Tango's score interval, exact McNemar test p = ${p}`,
  };
}

/** Computes the interval from the posterior of the rows by truth and both predictions, with the prior of countInterval for each model. */
function countDifference(
  metric: Metric,
  ours: ClassRows,
  theirs: ClassRows,
  confidence: number,
  weights?: ArrayLike<number>,
): MaybeInterval {
  const names = [...new Set([...ours.classes, ...theirs.classes])];
  const [mine, other] = [ours, theirs].map(({ classes }) => classes.map((name) => names.indexOf(name))) as [
    number[],
    number[],
  ];
  const size = names.length;
  const cells = size ** 3;
  if (cells > MAX_CELLS) return tooFew(`${size} classes are too many to compare by this metric. Compare the accuracy`);
  const counts = new Float64Array(cells);
  const present = new Set<number>();
  for (let row = 0; row < ours.rows; row++) {
    const truth = mine[ours.labels[row] as number] as number;
    const cell = (truth * size + (mine[ours.predicted[row] as number] as number)) * size;
    const index = cell + (other[theirs.predicted[row] as number] as number);
    const weight = weights ? (weights[row] as number) : 1;
    counts[index] = (counts[index] as number) + weight;
    if (weight > 0) present.add(truth);
  }
  const units = weights && effectiveUnits(ours, weights);
  // A class that only the other model names has no rows.
  const unitOf = (truth: number) => units?.[mine.indexOf(truth)] ?? 1;
  const share = (truth: number, predicted: number) => (truth === predicted ? 0.5 : 0.5 / (size - 1));
  const shapes = new Float64Array(cells).map((_, index) => {
    const [truth, first, second] = [Math.floor(index / size / size), Math.floor(index / size) % size, index % size];
    if (!present.has(truth)) return 0;
    return (counts[index] as number) / unitOf(truth) + (2 / size) * share(truth, first) * share(truth, second);
  });
  const measure = (matrix: ConfusionMatrix) =>
    metric.valueOf(
      ours.task === "binary" ? new BinaryView(ours, undefined, matrix) : new MulticlassView(ours, undefined, matrix),
    ) ?? Number.NaN;
  const draws = drawsFor(cells);
  const values: number[] = [];
  for (const drawn of dirichletDraws(shapes, { draws, seed: SEED })) {
    const [first, second] = [new Float64Array(size * size), new Float64Array(size * size)];
    for (let index = 0; index < cells; index++) {
      const [truth, one, two] = [Math.floor(index / size / size), Math.floor(index / size) % size, index % size];
      const weight = (drawn[index] as number) * unitOf(truth);
      first[truth * size + one] = (first[truth * size + one] as number) + weight;
      second[truth * size + two] = (second[truth * size + two] as number) + weight;
    }
    values.push(measure(new ConfusionMatrix(size, first)) - measure(new ConfusionMatrix(size, second)));
  }
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const tail = (1 - confidence) / 2;
  return {
    interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
    why: `posterior of the rows by truth and both predictions with Jeffreys' prior, ${draws} draws, seed ${SEED}`,
  };
}

/** 500 draws of this many cells take a second. */
const MAX_CELLS = 20_000;

/** Subtracts the models' own intervals, which hold jointly (Bonferroni): wide, but valid for any dependence. */
function subtracted(metric: Metric, { ours, theirs, confidence, weights }: Comparison): MaybeInterval {
  const each = 1 - (1 - confidence) / 2;
  const [one, other] = [ours, theirs].map((rows) => metricInterval(metric, rows, each, weights)) as [
    MaybeInterval,
    MaybeInterval,
  ];
  if (!isFound(one)) return one;
  if (!isFound(other)) return other;
  return {
    interval: [one.interval[0] - other.interval[1], one.interval[1] - other.interval[0]],
    why: `difference of both models' own intervals: ${one.why}`,
  };
}
