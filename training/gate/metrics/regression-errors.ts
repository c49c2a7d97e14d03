import type { AnsweredRows } from "./answered-rows.ts";
import {
  defineMetric,
  type LossKind,
  type Metric,
  type MetricDefinition,
  type RowLosses,
  type RowStatistic,
} from "./metric.ts";
import { rowMean, rowValues } from "./row-mean.ts";
import { type TargetColumn, targetColumns } from "./target-columns.ts";
import { weightedQuantile } from "./weighted-quantile.ts";

/** A metric of one target, with the row losses that it is derived from. */
export interface TargetMetric {
  (column: TargetColumn): RowStatistic;
  readonly losses?: (column: TargetColumn, weights?: ArrayLike<number>) => RowLosses;
  readonly lossKind?: LossKind;
}

/** Defines a metric of one target; with several, their mean like scikit-learn's uniform average, or `combine`. */
export function ofTargets(
  row: Omit<MetricDefinition, "regression">,
  prepare: TargetMetric,
  combine: (values: readonly number[]) => number = (values) =>
    values.reduce((sum, value) => sum + value, 0) / values.length,
): Metric {
  const { losses, lossKind } = prepare;
  return defineMetric({
    ...row,
    ...(lossKind && { lossKind }),
    ...(losses && {
      losses: (rows: AnsweredRows, weights?: ArrayLike<number>) =>
        rows.task === "regression" ? targetColumns(rows).map((column) => losses(column, weights)) : undefined,
    }),
    regression: (rows) => {
      const targets = targetColumns(rows).map(prepare);
      return (view) => combine(targets.map((statistic) => statistic(view.weights)));
    },
  });
}

/** Mean of a loss of truth and prediction. */
export function meanOf(loss: Loss, lossKind: LossKind = { kind: "mean" }) {
  const of = ({ truth, predicted }: TargetColumn) => {
    return (row: number) => loss(truth[row] as number, predicted[row] as number);
  };
  const prepare = (column: TargetColumn): RowStatistic => rowMean(column.rows, of(column));
  const losses = (column: TargetColumn): RowLosses => ({ ...lossKind, losses: rowValues(column.rows, of(column)) });
  return Object.assign(prepare, { losses, lossKind });
}

/** Square root of a mean of losses. */
function rootOf(mean: ReturnType<typeof meanOf>): TargetMetric {
  const prepare = (column: TargetColumn): RowStatistic => {
    const value = mean(column);
    return (weights) => Math.sqrt(value(weights));
  };
  const kind = "root" as const;
  const losses = (column: TargetColumn): RowLosses => ({ ...mean.losses(column), kind });
  return Object.assign(prepare, { losses, lossKind: { ...mean.lossKind, kind } });
}
type Loss = (truth: number, predicted: number) => number;

const error = { loss: true, range: [0, Number.POSITIVE_INFINITY] } as const;
const squared = meanOf((truth, predicted) => (truth - predicted) ** 2, { kind: "mean", squared: true });
const logLosses = meanOf(
  (truth, predicted) => (truth > -1 && predicted > -1 ? (Math.log1p(truth) - Math.log1p(predicted)) ** 2 : Number.NaN),
  { kind: "mean", squared: true },
);
const squaredLog = Object.assign(meanSquaredLog, { losses: logLosses.losses, lossKind: logLosses.lossKind });
const undefinedLog = { undefinedFor: { reason: "a truth or a prediction of -1 or less" } } as const;

/** Metrics of a regressor's errors, in the target's unit. */
export const regressionErrors = {
  rmse: ofTargets({ label: "RMSE", metric: "root_mean_squared_error", ...error }, rootOf(squared)),
  mae: ofTargets(
    { label: "mean absolute error", metric: "mean_absolute_error", constant: "median", ...error },
    meanOf((truth, predicted) => Math.abs(truth - predicted)),
  ),
  medianAe: ofTargets(
    { label: "median absolute error", metric: "median_absolute_error", constant: "median", ...error },
    ({ truth, predicted }) =>
      weightedQuantile(
        truth.map((value, row) => Math.abs(value - (predicted[row] as number))),
        0.5,
      ),
  ),
  /** The largest over all targets. */
  maxError: ofTargets({ label: "largest error", metric: "max_error", atEdge: true, ...error }, largest, (values) =>
    Math.max(...values),
  ),
  /** A fraction, not a percentage. A truth of 0 counts as 2^-52, like in scikit-learn: the error is then huge but finite. */
  mape: ofTargets(
    {
      label: "mean absolute percentage error",
      metric: "mean_absolute_percentage_error",
      constant: "median",
      openShare: true,
      caution: zeroTruths,
      ...error,
    },
    meanOf((truth, predicted) => Math.abs(truth - predicted) / Math.max(Math.abs(truth), Number.EPSILON)),
  ),
  /** Mean of 2 |predicted - truth| / (|predicted| + |truth|), from 0 to 2; 0 for a row where both are 0. */
  smape: ofTargets(
    {
      label: "symmetric mean absolute percentage error",
      metric: "symmetric_mean_absolute_percentage_error",
      constant: "median",
      loss: true,
      range: [0, 2],
    },
    meanOf((truth, predicted) => {
      const size = Math.abs(truth) + Math.abs(predicted);
      return size === 0 ? 0 : (2 * Math.abs(truth - predicted)) / size;
    }),
  ),
  /** Not defined if a truth or prediction is -1 or less. */
  msle: ofTargets(
    {
      label: "mean squared logarithmic error",
      metric: "mean_squared_log_error",
      ...undefinedLog,
      ...error,
    },
    squaredLog,
  ),
  /** Not defined if a truth or prediction is -1 or less. */
  rmsle: ofTargets(
    {
      label: "root mean squared logarithmic error",
      metric: "root_mean_squared_log_error",
      ...undefinedLog,
      ...error,
    },
    rootOf(squaredLog),
  ),
  /** Prediction - truth: positive for a model that predicts too high. */
  meanError: ofTargets(
    {
      label: "mean error (bias)",
      metric: "mean_error",
      twoSided: true,
      range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    },
    meanOf((truth, predicted) => predicted - truth),
  ),
};

/** For any target: such a row contributes nothing if it is predicted exactly, and else decides the mean. */
function zeroTruths(rows: AnsweredRows, weights?: ArrayLike<number>): string | undefined {
  if (rows.task !== "regression") return undefined;
  const width = rows.targets.length;
  let zeros = 0;
  for (let place = 0; place < rows.truth.length; place++) {
    const weight = weights?.[Math.floor(place / width)] ?? 1;
    if (weight !== 0 && rows.truth[place] === 0 && rows.predicted[place] !== 0) zeros++;
  }
  return zeros === 0
    ? undefined
    : `${zeros} ${zeros === 1 ? "truth is" : "truths are"} 0, which scikit-learn and the gate divide by as 2^-52: bound smape or mae instead`;
}

/** A row without weight may contain -1. */
function meanSquaredLog(column: TargetColumn): RowStatistic {
  const isDefined: Loss = (truth, predicted) => (truth > -1 && predicted > -1 ? 1 : 0);
  const undefinedShare = meanOf((truth, predicted) => 1 - isDefined(truth, predicted))(column);
  const mean = meanOf((truth, predicted) =>
    isDefined(truth, predicted) ? (Math.log1p(truth) - Math.log1p(predicted)) ** 2 : 0,
  )(column);
  return (weights) => (undefinedShare(weights) > 0 ? Number.NaN : mean(weights));
}

/** NaN without any weight. */
function largest({ rows, truth, predicted }: TargetColumn): RowStatistic {
  return (weights) => {
    let largest = Number.NaN;
    for (let row = 0; row < rows; row++) {
      if (weights?.[row] === 0) continue;
      const distance = Math.abs((truth[row] as number) - (predicted[row] as number));
      if (!(distance <= largest)) largest = distance;
    }
    return largest;
  };
}
