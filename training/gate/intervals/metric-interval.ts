import type { AnsweredRows } from "../metrics/answered-rows.ts";
import { type CalibrationGaps, calibrationGaps } from "../metrics/calibration-error.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { type Metric, type RowLosses, rangeFor } from "../metrics/metric.ts";
import { targetColumns } from "../metrics/target-columns.ts";
import { weightedQuantile } from "../metrics/weighted-quantile.ts";
import { calibrationInterval } from "../statistics/calibration-interval.ts";
import { proportion } from "../statistics/proportion.ts";
import { medianRanks } from "../statistics/quantile.ts";
import { areaInterval, averagePrecisionInterval, distanceInterval, rocAreaEstimate } from "./area-interval.ts";
import { oneVersusOneEstimate, oneVersusRestEstimate } from "./class-areas.ts";
import { correctInterval, countInterval } from "./count-interval.ts";
import {
  effectiveRowCount,
  enoughForLosses,
  enoughOfEachClass,
  enoughRows,
  FEWEST,
  fewestOfLosses,
} from "./enough-rows.ts";
import { effectiveRows, effectiveTrials, isFound, type MaybeInterval, SEED, tooFew } from "./interval.ts";
import { lossInterval } from "./mean-interval.ts";

/**
 * Computes the confidence interval of a metric: docs/statistics.md describes each method and its measured error.
 * @param rows for which the metric is defined
 * @param confidence two-sided, such as 0.95
 * @param weights one per row; without them, every row counts once
 */
export function metricInterval(
  metric: Metric,
  rows: AnsweredRows,
  confidence: number,
  weights?: ArrayLike<number>,
): MaybeInterval {
  if (metric.partOf) {
    const own = metric.partOf.rowsOf(rows);
    return own
      ? metricInterval(metric.partOf.metric, own, confidence, weights)
      : tooFew("the model has no such class or target");
  }
  const found = methodFor(metric, rows, confidence, weights);
  if (!isFound(found)) return found;
  const [least, most] = rangeFor(metric, rows.task);
  const [low, high] = found.interval;
  if (Number.isNaN(low) || Number.isNaN(high)) return tooFew("too few rows: the metric is not defined on some of them");
  return { ...found, interval: [Math.max(least, low), Math.min(most, high)] };
}

function methodFor(metric: Metric, rows: AnsweredRows, confidence: number, weights?: ArrayLike<number>): MaybeInterval {
  const hits = proportionOf(metric, rows, weights);
  if (hits) return weightedShare(metric, shareFound(hits, confidence), rows, confidence, weights);
  if (metric.counts && rows.task !== "regression")
    return (
      enoughOfEachClass(rows, rows.task === "multiclass" ? FEWEST.countsOfMany : FEWEST.counts, weights) ??
      enoughRows(rows.rows, rows.task === "multiclass" ? FEWEST.countsPerClass * rows.classes.length : 0, weights) ??
      countInterval(metric, rows, confidence, weights)
    );
  const losses = metric.losses?.(rows, weights);
  if (losses) return fromLosses(losses, rows, confidence, weights);
  if (rows.task === "regression")
    return metric.metric === "median_absolute_error" ? medianFound(rows, confidence, weights) : noMethod(metric);
  if (metric.metric === "ece") return calibrationFound(calibrationGaps(rows), confidence, weights);
  if (rows.task === "multiclass") {
    const of = { roc_auc_ovr: oneVersusRestEstimate, roc_auc_ovo: oneVersusOneEstimate }[metric.metric];
    if (!of) return noMethod(metric);
    return enoughOfEachClass(rows, FEWEST.area, weights) ?? areaInterval(of(rows, weights), rows, confidence, weights);
  }
  if (metric.metric === "roc_auc")
    return (
      enoughOfEachClass(rows, FEWEST.area, weights) ??
      areaInterval(rocAreaEstimate(rows, weights), rows, confidence, weights)
    );
  if (metric.metric === "pr_auc")
    return (
      enoughOfEachClass(rows, FEWEST.averagePrecision, weights) ?? averagePrecisionInterval(rows, confidence, weights)
    );
  if (metric.metric === "ks")
    return enoughOfEachClass(rows, FEWEST.distance, weights) ?? distanceInterval(rows, confidence, weights);
  return noMethod(metric);
}

const noMethod = ({ label }: Metric): MaybeInterval =>
  tooFew(`${label} depends on a few extreme rows and has no valid interval with any number of rows. Remove confidence`);

/** Successes and trials. */
type Hits = readonly [number, number];

/** Computes the interval of a share of rows. For a fractional number of successes, from weights, uses the outer ends of both neighboring integers. */
export function shareFound([successes, trials]: Hits, confidence: number): MaybeInterval {
  const whole = Math.floor(trials + 1e-9);
  if (whole === 0) return tooFew("no rows in its denominator");
  const [below, above] = [Math.floor(successes + 1e-9), Math.min(whole, Math.ceil(successes - 1e-9))];
  const low = proportion(Math.min(below, whole), whole, confidence);
  const high = proportion(above, whole, confidence);
  return { interval: [low.interval[0], high.interval[1]], why: `${low.method} of ${below} of ${whole} rows` };
}

/** Returns the successes and trials of a proportion; undefined for a metric that is not a proportion of rows. */
function proportionOf(definition: Metric, rows: AnsweredRows, weights?: ArrayLike<number>): Hits | undefined {
  if (rows.task === "regression") return undefined;
  const { metric } = definition;
  const isShare = isOfAllRows(definition);
  if (!isShare && (rows.task !== "binary" || !["precision", "recall", "specificity"].includes(metric)))
    return undefined;
  const { labels, predicted } = rows;
  if (weights) {
    const isCounted = (row: number) =>
      isShare || (metric === "precision" ? predicted : labels)[row] === (metric === "specificity" ? 0 : 1);
    const counted = Float64Array.from(weights, (weight, row) => (isCounted(row) ? weight : 0));
    return weightedHits(counted, (row) => labels[row] === predicted[row]);
  }
  const matrix = ConfusionMatrix.of(rows);
  if (isShare) return [matrix.right, matrix.total];
  if (metric === "precision") return [matrix.at(1, 1), matrix.predicted[1] as number];
  if (metric === "recall") return [matrix.at(1, 1), matrix.truth[1] as number];
  return [matrix.at(0, 0), matrix.truth[0] as number];
}

/** Widens the interval of a weighted share of all rows to the posterior's ends, because a few rows of a heavy class may decide the share. */
function weightedShare(
  metric: Metric,
  found: MaybeInterval,
  rows: AnsweredRows,
  confidence: number,
  weights?: ArrayLike<number>,
): MaybeInterval {
  const hasUnequalWeights = weights && effectiveRows(weights) < rows.rows * (1 - 1e-9);
  if (!hasUnequalWeights || !isFound(found) || rows.task === "regression" || !isOfAllRows(metric)) return found;
  const { interval, why } = correctInterval(rows, confidence, weights);
  return {
    interval: [Math.min(found.interval[0], interval[0]), Math.max(found.interval[1], interval[1])],
    why: `wider ends of the ${found.why}, and of the ${why}`,
  };
}

const isOfAllRows = ({ metric }: Metric) => metric === "accuracy" || metric.endsWith("_micro");

/** Returns the effective successes and trials. @param weights 0 for rows outside the denominator */
function weightedHits(weights: ArrayLike<number>, isSuccess: (row: number) => boolean): Hits {
  const trials = effectiveTrials(weights, isSuccess);
  return [shareOf(weights, isSuccess) * trials, trials];
}

function fromLosses(
  losses: readonly RowLosses[],
  rows: AnsweredRows,
  confidence: number,
  weights?: ArrayLike<number>,
): MaybeInterval {
  const [first] = losses;
  if (!first) return tooFew("no rows");
  if (first.kind === "hit") {
    const isSuccess = (row: number) => first.losses[row] === 1;
    return shareFound(weightedHits(weights ?? new Float64Array(rows.rows).fill(1), isSuccess), confidence);
  }
  const problem =
    rows.task === "regression" ? enoughRows(rows.rows, fewestOfLosses(first), weights) : enoughForLosses(rows, weights);
  if (problem) return problem;
  if (losses.every((target) => target.losses.every((loss, row) => loss === 0 || weights?.[row] === 0)))
    return tooFew("no row has an error, so the size of possible errors is unknown");
  return lossInterval(losses, confidence, weights);
}

function calibrationFound(gaps: CalibrationGaps, confidence: number, weights?: ArrayLike<number>): MaybeInterval {
  const rows = gaps.gaps.length;
  const counted = (occurred: boolean) => {
    const ofOutcome = Float64Array.from(gaps.gaps, (gap, row) => (gap <= 0 === occurred ? (weights?.[row] ?? 1) : 0));
    return effectiveRowCount(rows, ofOutcome);
  };
  const rarest = Math.min(counted(true), counted(false));
  const few =
    enoughRows(rows, FEWEST.calibration, weights) ??
    (rarest < FEWEST.calibrationOutcomes
      ? tooFew(`too few rows: ${rarest} of the rarer outcome; ${FEWEST.calibrationOutcomes} are needed`)
      : undefined);
  return (
    few ?? {
      interval: calibrationInterval(gaps, { confidence, seed: SEED, weights }),
      why: `triangle inequality over ${rows} rows in 10 bins, seed ${SEED}`,
    }
  );
}

/** Returns the weighted share of successes; 0 if all weights are 0. */
function shareOf(weights: ArrayLike<number>, isSuccess: (row: number) => boolean): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] as number;
    if (isSuccess(row)) sum += weight;
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

/** Computes the interval of the median error. With several targets, averages ends that hold jointly (Bonferroni). */
function medianFound(rows: AnsweredRows, confidence: number, weights?: ArrayLike<number>): MaybeInterval {
  if (rows.task !== "regression") return tooFew("a classifier has no median error");
  const effective = Math.floor(weights ? effectiveRows(weights) : rows.rows);
  const columns = targetColumns(rows);
  const ranks = medianRanks(effective, 1 - (1 - confidence) / columns.length);
  if (!ranks) return enoughRows(effective, 8) ?? tooFew("too few rows");
  const ends = columns.map(({ truth, predicted }) => {
    const distances = truth.map((value, row) => Math.abs(value - (predicted[row] as number)));
    // The middle of the order statistic's share.
    return ranks.map((rank) => weightedQuantile(distances, (rank - 0.5) / effective)(weights));
  });
  const mean = (end: 0 | 1) => ends.reduce((sum, own) => sum + (own[end] as number), 0) / ends.length;
  return { interval: [mean(0), mean(1)], why: `order statistics ${ranks[0]} and ${ranks[1]} of ${effective} rows` };
}
