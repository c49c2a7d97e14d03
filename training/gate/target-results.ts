import type { PerformancePolicy } from "./checks/metric-policy.ts";
import type { RegressionRows } from "./metrics/answered-rows.ts";
import { METRIC_FAMILIES } from "./metrics/metric-table.ts";
import { type MetricValues, metricsByTarget } from "./metrics/metrics-of.ts";
import { rowMean } from "./metrics/row-mean.ts";
import { targetColumn } from "./metrics/target-columns.ts";

/** Results of a regressor with several targets for one of them. */
export interface TargetResult {
  readonly name: string;
  readonly metrics: MetricValues;
}

/** How often the truth is within a quantile output's range, and how often it should be. */
export interface QuantileResult {
  /** Such as `up to q95`, or `q05 to q95`. */
  readonly name: string;
  /** Nominal share of rows: from `least` to `most`, which are equal for a single quantile. */
  readonly least: number;
  readonly most: number;
  /** Observed share of rows. */
  readonly answered: number;
}

const KEYS = ["rmse", "mae", "meanError", "r2"] as const;
const MOST_TARGETS = 60;

/** Computes the errors of each target; with a single target they are the model's. */
export function targetResults(rows: RegressionRows, weights?: ArrayLike<number>): TargetResult[] {
  if (rows.targets.length < 2) return [];
  const found = metricsByTarget(rows, weights, KEYS);
  return [...found].slice(0, MOST_TARGETS).map(([name, metrics]) => ({ name, metrics }));
}

/**
 * Compares the outputs in the policy's `coverage` and `pinball` with the truth.
 * @param weights one per row; without them, every row counts once
 */
export function quantileResults(
  rows: RegressionRows,
  weights: ArrayLike<number> | undefined,
  { coverage, pinball }: Pick<PerformancePolicy, "coverage" | "pinball"> = {},
): QuantileResult[] {
  const results: QuantileResult[] = [];
  // A target that the data lacks fails its check, and is not plotted.
  const has = (target: string) => rows.targets.includes(target);
  if (pinball) {
    const { quantile, target } = pinball;
    const targets = target === undefined ? rows.targets.slice(0, MOST_TARGETS) : [target].filter(has);
    for (const name of targets) {
      const { truth, predicted } = targetColumn(rows, name);
      const isBelow = (row: number) => ((truth[row] as number) <= (predicted[row] as number) ? 1 : 0);
      results.push({
        name: `up to ${name}`,
        least: quantile,
        most: quantile,
        answered: rowMean(rows.rows, isBelow)(weights),
      });
    }
  }
  if (coverage && has(coverage.lower) && has(coverage.upper)) {
    const { lower, upper, min = 0, max = 1 } = coverage;
    results.push({
      name: `${lower} to ${upper}`,
      least: min,
      most: max,
      answered: METRIC_FAMILIES.coverage.with({ lower, upper }).of(rows)?.(weights) ?? Number.NaN,
    });
  }
  return results.filter(({ answered }) => !Number.isNaN(answered));
}
