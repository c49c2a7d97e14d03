import { z } from "zod";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, metricKeys } from "../metrics/metric-table.ts";

type Known = Partial<Pick<Metric, "atEdge" | "needs" | "tasks">>;

/**
 * Rejects a setting that needs a confidence interval for a metric that has none: no update could ever decide it.
 * @param instead the remedy, placed before the names of metrics that have one
 */
export const withInterval = <Terms extends z.ZodType>(metric: Known, terms: Terms, instead: string): Terms =>
  metric.atEdge
    ? (z
        .custom<undefined>(
          (given) => given === undefined,
          `is not supported: a few rows decide this metric, so it has no valid interval. Instead, ${instead} ${others(metric)}`,
        )
        // Typed like the other metrics' setting, but never set.
        .optional() as unknown as Terms)
    : terms;

/** Metrics with an interval, for the same tasks and kind of predictions. */
function others({ tasks = [], needs }: Known): string {
  const keys = metricKeys.filter((key) => {
    const metric: Metric = METRICS[key];
    return (
      !metric.atEdge && !metric.twoSided && metric.needs === needs && metric.tasks.some((task) => tasks.includes(task))
    );
  });
  return `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
}
