import type { PerformancePolicy } from "./checks/metric-policy.ts";
import type { RegressionRows } from "./metrics/answered-rows.ts";
import { METRIC_FAMILIES } from "./metrics/metric-table.ts";
import { type MetricValues, metricsByTarget } from "./metrics/metrics-of.ts";
import { rowMean } from "./metrics/row-mean.ts";
import { targetColumn } from "./metrics/target-columns.ts";

/** What a regressor of several targets did on one of them. */
export interface TargetResult {
  readonly name: string;
  readonly metrics: MetricValues;
}

/** How often the truth lies where a quantile output says, beside how often it should. */
export interface QuantileResult {
  /** Such as `up to q95`, or `q05 to q95`. */
  readonly name: string;
  /** Share of the rows that it should hold for: from `least` to `most`, which are the same for one quantile. */
  readonly least: number;
  readonly most: number;
  /** Share of the rows that it holds for. */
  readonly answered: number;
}

const KEYS = ["rmse", "mae", "meanError", "r2"] as const;
const MOST_TARGETS = 60;

/** Computes the errors of each target; of one target alone they are the model's. */
export function targetResults(rows: RegressionRows, weights?: ArrayLike<number>): TargetResult[] {
  if (rows.targets.length < 2) return [];
  const found = metricsByTarget(rows, weights, KEYS);
  return [...found].slice(0, MOST_TARGETS).map(([name, metrics]) => ({ name, metrics }));
}

/**
 * Holds the outputs that the policy's `coverage` and `pinball` name against the truth.
 * @param weights one a row; every row counts once without them
 */
export function quantileResults(
  rows: RegressionRows,
  weights: ArrayLike<number> | undefined,
  { coverage, pinball }: Pick<PerformancePolicy, "coverage" | "pinball"> = {},
): QuantileResult[] {
  const results: QuantileResult[] = [];
  // A target that the data do not have fails its check, and is not drawn.
  const has = (target: string) => rows.targets.includes(target);
  if (pinball) {
    const { quantile, target } = pinball;
    const targets = target === undefined ? rows.targets.slice(0, MOST_TARGETS) : [target].filter(has);
    for (const name of targets) {
      const { truth, predicted } = targetColumn(rows, name);
      const isBelow = (row: number) => ((truth[row] as number) <= (predicted[row] as number) ? 1 : 0);
      results.push({
        ...{ name: `up to ${name}`, least: quantile, most: quantile },
        answered: rowMean(rows.rows, isBelow)(weights),
      });
    }
  }
  if (coverage && has(coverage.lower) && has(coverage.upper)) {
    const { lower, upper, min = 0, max = 1 } = coverage;
    results.push({
      ...{ name: `${lower} to ${upper}`, least: min, most: max },
      answered: METRIC_FAMILIES.coverage.with({ lower, upper }).of(rows)?.(weights) ?? Number.NaN,
    });
  }
  return results.filter(({ answered }) => !Number.isNaN(answered));
}
