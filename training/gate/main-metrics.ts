import { headlineMetrics } from "../../registry/gate-report.ts";
import { familyKeys, type PerformancePolicy } from "./checks/metric-policy.ts";
import { METRIC_FAMILIES, METRICS, type MetricKey, metricKeys } from "./metrics/metric-table.ts";
import { ofClass, ofTarget } from "./metrics/parts.ts";
import type { GateReport } from "./report.ts";

export interface MainMetrics {
  /** Share of correct predictions. Absent for a regressor. */
  readonly accuracy?: number;
  /** By name on the MLflow run. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Selects a model's main metrics: accuracy of a classifier, errors of a regressor, and every metric that its policy bounds or compares, also for a single
 * class or target. Includes finite numbers only, because a state file cannot hold NaN.
 */
export function mainMetrics({
  metrics = {},
  policy,
  checks,
}: Pick<GateReport, "metrics" | "policy" | "checks">): MainMetrics {
  const compared = metricKeys.filter((key) => policy.champion?.[key] || policy.performance?.[key]);
  const names = new Set(compared.map((key) => METRICS[key].metric as string));
  const measured = Object.entries(metrics).filter(([name]) => names.has(name));
  const bounded = checkedMetrics(policy.performance ?? {}).flatMap(({ check, metric }) => {
    const value = checks.find((one) => one.check === check)?.value;
    return value === undefined ? [] : [[metric, value] as const];
  });
  const selected: Record<string, number> = Object.fromEntries(
    [...Object.entries(headlineMetrics(metrics)), ...measured, ...bounded].filter(([, value]) =>
      Number.isFinite(value),
    ),
  );
  return { ...(selected.accuracy !== undefined && { accuracy: selected.accuracy }), metrics: selected };
}

/** Lists the metrics that only a check computes, with the check's key. */
function checkedMetrics({ classes = {}, targets = {}, ...policy }: PerformancePolicy) {
  const families = familyKeys.flatMap((key) => {
    const { min: _, max: __, confidence: ___, level: ____, ...parameters } = policy[key] ?? {};
    // The policy's schema has validated the parameters.
    const metric = () => METRIC_FAMILIES[key].with(parameters as never).metric;
    return policy[key] ? [{ check: `performance.${key}`, metric: metric() }] : [];
  });
  const parts = (kind: "classes" | "targets", of: typeof ofClass | typeof ofTarget) =>
    Object.entries(kind === "classes" ? classes : targets).flatMap(([name, metrics]) =>
      (Object.keys(metrics) as MetricKey[]).map((key) => ({
        check: `performance.${kind}.${name}.${key}`,
        metric: of(METRICS[key], name).metric,
      })),
    );
  return [...families, ...parts("classes", ofClass), ...parts("targets", ofTarget)];
}
