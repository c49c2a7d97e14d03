import type { RegressionRows } from "./answered-rows.ts";
import { defineMetric, type MetricFamily, ratio } from "./metric.ts";
import { ofTarget, runName } from "./parts.ts";
import { meanOf, ofTargets } from "./regression-errors.ts";
import { rowMean, rowValues } from "./row-mean.ts";
import { targetColumn } from "./target-columns.ts";

/*
 * A quantile model returns one column per quantile, such as q05, q50 and q95. Each is a target, with the same truth in every column:
 * `pinball: {quantile: 0.95, target: q95, max: 3}` evaluates one, `coverage: {lower: q05, upper: q95, min: 0.88, max: 0.92}` two.
 */

/** Mean pinball loss of a quantile, for one target or averaged over all like scikit-learn's uniform average. */
export const pinball: MetricFamily<{ readonly quantile: number; readonly target?: string | undefined }> = {
  label: "pinball loss",
  tasks: ["regression"],
  needs: "answers",
  with: ({ quantile, target }) => {
    ratio("pinball.quantile", quantile);
    const metric = ofTargets(
      {
        label: `pinball loss at ${quantile}`,
        metric: `mean_pinball_${quantile}`,
        loss: true,
        range: [0, Number.POSITIVE_INFINITY],
      },
      meanOf((truth, predicted) => {
        const distance = truth - predicted;
        return distance >= 0 ? quantile * distance : (quantile - 1) * distance;
      }),
    );
    return target === undefined ? metric : ofTarget(metric, target);
  },
};

/** Share of rows whose truth is between two quantile outputs, inclusive. Both too wide and too narrow intervals are bad. */
export const coverage: MetricFamily<{ readonly lower: string; readonly upper: string }> = {
  label: "coverage",
  tasks: ["regression"],
  needs: "answers",
  with: ({ lower, upper }) =>
    defineMetric({
      label: `coverage of ${lower} to ${upper}`,
      metric: `coverage_${runName(lower)}_${runName(upper)}`,
      twoSided: true,
      range: [0, 1],
      regression: (rows) => {
        const mean = rowMean(rows.rows, within(rows, lower, upper));
        return (view) => mean(view.weights);
      },
      losses: (rows) =>
        rows.task === "regression"
          ? [{ kind: "hit", losses: rowValues(rows.rows, within(rows, lower, upper)) }]
          : undefined,
    }),
};

/** Returns 1 for a row whose truth is between both predictions, else 0. */
function within(rows: RegressionRows, lower: string, upper: string): (row: number) => number {
  const [low, high] = [targetColumn(rows, lower), targetColumn(rows, upper)];
  return (row) => {
    const truth = low.truth[row] as number;
    return truth >= (low.predicted[row] as number) && truth <= (high.predicted[row] as number) ? 1 : 0;
  };
}
