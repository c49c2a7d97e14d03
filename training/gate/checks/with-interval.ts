import { z } from "zod";
import { ABOUT_KEY } from "../../../data/issue-messages.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRICS, metricKeys } from "../metrics/metric-table.ts";

type Known = Partial<Pick<Metric, "atEdge" | "needs" | "tasks">>;

/**
 * Rejects a setting that needs a confidence interval if the metric has none, because no number of rows could decide the check.
 * @param remedy ends the message, followed by the names of similar metrics with an interval
 */
export const withInterval = <Terms extends z.ZodType>(metric: Known, terms: Terms, remedy: string): Terms =>
  metric.atEdge
    ? (z
        .custom<undefined>((given) => given === undefined, {
          error: `is not supported: a few rows decide this metric, so it has no valid interval. Instead, ${remedy} ${alternatives(metric)}`,
          ...ABOUT_KEY,
        })
        // Has the type of the other metrics' setting, but is never set.
        .optional() as unknown as Terms)
    : terms;

/** Names the metrics with an interval for the same tasks and kind of predictions. */
function alternatives({ tasks = [], needs }: Known): string {
  const keys = metricKeys.filter((key) => {
    const metric: Metric = METRICS[key];
    return (
      !metric.atEdge && !metric.twoSided && metric.needs === needs && metric.tasks.some((task) => tasks.includes(task))
    );
  });
  return `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
}
