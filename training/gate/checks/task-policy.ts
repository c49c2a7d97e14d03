import type { z } from "zod";
import { METRIC_FAMILIES, METRICS } from "../metrics/metric-table.ts";

/** Both kinds of metrics by their key. */
const KNOWN: Readonly<Record<string, { readonly tasks: readonly string[]; readonly needs: string }>> = {
  ...METRICS,
  ...METRIC_FAMILIES,
};

const PROBABILITIES =
  "needs probabilities, which an anomaly detector (gate.task: anomaly) does not give. Judge its scores by rocAuc, prAuc, ks, precisionAtK, precisionAtRecall or recallAtPrecision";

interface Terms {
  readonly task?: string | undefined;
  readonly anomalyScores?: string | undefined;
  readonly performance?: object | undefined;
  readonly champion?: object | undefined;
  readonly baseline?: object | undefined;
  readonly schema?: { readonly probabilitySum?: unknown } | undefined;
}

/** Refuses what no anomaly detector can be held to: metrics of probabilities, and those of another task. */
export function refuseForAnomalies(policy: Terms, context: z.RefinementCtx): void {
  const { task, anomalyScores, schema } = policy;
  const wrong = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (anomalyScores !== undefined && task !== undefined && task !== "anomaly")
    wrong(["anomalyScores"], `is for gate.task: anomaly, and gate.task is ${task}`);
  if (task !== "anomaly") return;
  for (const group of ["performance", "champion", "baseline"] as const)
    for (const [key, terms] of Object.entries(policy[group] ?? {})) {
      if (terms === undefined) continue;
      if (key === "classes" || key === "targets")
        wrong(
          [group, key],
          `is for gate.task: ${key === "classes" ? "multiclass" : "regression"}, and gate.task is anomaly`,
        );
      const metric = KNOWN[key];
      if (!metric) continue;
      if (!metric.tasks.includes("binary"))
        wrong([group, key], `is a metric of ${metric.tasks.join(" and ")}, and gate.task is anomaly`);
      else if (metric.needs === "probabilities") wrong([group, key], PROBABILITIES);
    }
  if (schema?.probabilitySum !== undefined) wrong(["schema", "probabilitySum"], PROBABILITIES);
}
