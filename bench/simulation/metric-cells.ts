import type { PerformancePolicy } from "../../training/gate/checks/metric-policy.ts";
import { judgePerformance } from "../../training/gate/checks/performance.ts";
import type { Evaluation } from "../../training/gate/evaluation.ts";
import type { AnsweredRows } from "../../training/gate/metrics/answered-rows.ts";
import type { Metric } from "../../training/gate/metrics/metric.ts";
import { METRIC_FAMILIES, METRICS, type MetricKey, metricKeysOf } from "../../training/gate/metrics/metric-table.ts";
import { seededRandom } from "../../training/gate/statistics/random.ts";
import { type CellResult, type MetricCell, seedOf } from "./cells.ts";
import { DRAWS } from "./scenarios.ts";
import { truthOf } from "./truth.ts";
import { drawWeights } from "./weights.ts";

const CONFIDENCE = 0.95;

/** Metrics by key, including those with parameters. */
const METRICS_OF = {
  binary: {
    ...ownMetrics("binary"),
    expectedCost: METRIC_FAMILIES.expectedCost.with({ falsePositive: 1, falseNegative: 5 }),
  },
  multiclass: { ...ownMetrics("multiclass"), topK: METRIC_FAMILIES.topK.with({ k: 2 }) },
  regression: { ...ownMetrics("regression"), pinball: METRIC_FAMILIES.pinball.with({ quantile: 0.9 }) },
} as const;

function ownMetrics(task: AnsweredRows["task"]): Record<string, Metric> {
  return Object.fromEntries(metricKeysOf(task).map((key) => [key, METRICS[key]]));
}

const PARAMETERS: Record<string, object> = {
  expectedCost: { falsePositive: 1, falseNegative: 5 },
  topK: { k: 2 },
  pinball: { quantile: 0.9 },
};

/** Input of judgePerformance. Its metrics are computed on demand. */
export const evaluationOf = (rows: AnsweredRows, weights?: Float64Array): Evaluation => ({
  ...rows,
  metrics: {},
  sumError: 0,
  samples: [],
  ...(weights && { weights }),
});

/** Measures how often the interval of a metric misses the truth on either side. */
export function measureMetric(cell: MetricCell, simulations: number): CellResult {
  const { task, metric: key, prevalence, rows, weights } = cell;
  const metric = (METRICS_OF[task] as Record<string, Metric>)[key] as Metric;
  const [, truth] = truthOf(metric, task, prevalence, weights);
  const random = seededRandom(seedOf(cell));
  const [least] = metric.range;
  // Any bound will do: only the interval is used.
  const bound = { min: Math.max(-1e9, least), confidence: CONFIDENCE };
  const twoSided = metric.twoSided ? { ...bound, max: 1e9 } : bound;
  const policy = { [key]: { ...PARAMETERS[key], ...twoSided } } as PerformancePolicy;
  let [conclusive, low, high] = [0, 0, 0];
  for (let simulation = 0; simulation < simulations; simulation++) {
    const [drawn] = DRAWS[task](rows, prevalence, random);
    const own = weights && drawWeights(weights, drawn as AnsweredRows, random);
    const [check] = judgePerformance(evaluationOf(drawn as AnsweredRows, own), policy);
    if (!check?.interval) continue;
    conclusive++;
    if (check.interval[0] > truth) low++;
    if (check.interval[1] < truth) high++;
  }
  return { kind: "metric", cell, simulations, conclusive, low, high };
}

export const keysOf = (task: AnsweredRows["task"]): MetricKey[] => Object.keys(METRICS_OF[task]) as MetricKey[];
