import { z } from "zod";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, metricKeys } from "../metrics/metric-table.ts";

type Known = Partial<Pick<Metric, "atEdge" | "needs" | "tasks">>;

/**
 * Refuses what needs a confidence interval, for a metric that has none: no update could ever decide it.
 * @param instead what to do, before the names of metrics that have one
 */
export const withInterval = <Terms extends z.ZodType>(metric: Known, terms: Terms, instead: string): Terms =>
  metric.atEdge
    ? (z
        .custom<undefined>(
          (given) => given === undefined,
          `is not supported, since a few rows decide this metric and no interval of it holds: ${instead} ${others(metric)}`,
        )
        // Its type is that of the other metrics, without a value.
        .optional() as unknown as Terms)
    : terms;

/** Metrics of the same tasks and answers that have an interval. */
function others({ tasks = [], needs }: Known): string {
  const keys = metricKeys.filter((key) => {
    const metric: Metric = METRICS[key];
    return (
      !metric.atEdge && !metric.twoSided && metric.needs === needs && metric.tasks.some((task) => tasks.includes(task))
    );
  });
  return `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
}
