import { compare, failed, inconclusive } from "../bounds.ts";
import { type CheckResult, formatRatio } from "../check.ts";
import { computedValue, type Evaluation } from "../evaluation.ts";
import { isFound } from "../intervals/interval.ts";
import { metricInterval } from "../intervals/metric-interval.ts";
import type { Metric } from "../metrics/metric.ts";
import { METRIC_FAMILIES, METRICS, type MetricKey, metricKeys } from "../metrics/metric-table.ts";
import { ofClass, ofTarget } from "../metrics/parts.ts";
import { notDefined } from "../not-defined.ts";
import { aboutRows, rowsForPower } from "../statistics/power.ts";
import { familyKeys, type MetricPolicy, type PerformancePolicy } from "./metric-policy.ts";

/** Compares each metric in the policy with its bounds. */
export function judgePerformance(evaluation: Evaluation, policy: PerformancePolicy): readonly CheckResult[] {
  return requestedMetrics(evaluation, policy).flatMap(({ key, metric, terms }) =>
    typeof metric === "string"
      ? [
          failed(
            { check: `performance.${key}`, group: "performance", level: terms.level },
            `performance.${key}: ${metric}`,
          ),
        ]
      : judgeMetric(`performance.${key}`, metric, evaluation, terms),
  );
}

interface RequestedMetric {
  /** Key in the policy, below `performance`. */
  readonly key: string;
  /** The metric, or why the model has none. */
  readonly metric: Metric | string;
  readonly terms: MetricPolicy;
}

function requestedMetrics(
  evaluation: Evaluation,
  { classes = {}, targets = {}, ...policy }: PerformancePolicy,
): RequestedMetric[] {
  const plain = metricKeys.flatMap((key) => (policy[key] ? [{ key, metric: METRICS[key], terms: policy[key] }] : []));
  const families = familyKeys.flatMap((key): RequestedMetric[] => {
    const given = policy[key];
    if (!given) return [];
    const { min, max, confidence, level, ...parameters } = given;
    const terms = { min, max, confidence, level };
    const named = ["target", "lower", "upper"].map((name) => (parameters as Readonly<Record<string, unknown>>)[name]);
    const unknown = unknownTarget(named, evaluation);
    if (unknown !== undefined) return [{ key, metric: unknown, terms }];
    // The policy's schema has validated the parameters.
    const metric = METRIC_FAMILIES[key].with(parameters as never);
    return [{ key, metric, terms }];
  });
  const ofParts = (kind: "classes" | "targets", part: (metric: Metric, name: string) => Metric | string) =>
    Object.entries(kind === "classes" ? classes : targets).flatMap(([name, metrics]) =>
      (Object.entries(metrics) as [MetricKey, MetricPolicy | undefined][]).flatMap(([key, terms]) =>
        terms ? [{ key: `${kind}.${name}.${key}`, metric: part(METRICS[key], name), terms }] : [],
      ),
    );
  return [
    ...plain,
    ...families,
    ...ofParts("classes", (metric, name) => {
      if (evaluation.task !== "multiclass")
        return `bounds by class require the task multiclass, not ${evaluation.task}`;
      const known = evaluation.classes.find((one) => String(one) === name);
      return known === undefined
        ? `class ${name} does not exist; the classes are ${evaluation.classes.join(", ")}`
        : ofClass(metric, known);
    }),
    ...ofParts("targets", (metric, name) => {
      if (evaluation.task !== "regression")
        return `bounds by target require the task regression, not ${evaluation.task}`;
      return unknownTarget([name], evaluation) ?? ofTarget(metric, name);
    }),
  ];
}

/** Reports a name that is not a target of the model. Returns undefined for another task, for which the metric itself is not defined. */
function unknownTarget(named: readonly unknown[], evaluation: Evaluation): string | undefined {
  if (evaluation.task !== "regression") return undefined;
  const { targets } = evaluation;
  const unknown = named.find((name) => name !== undefined && !targets.includes(String(name)));
  return unknown === undefined ? undefined : `target ${unknown} does not exist; the targets are ${targets.join(", ")}`;
}

/** Compares a metric with its bounds: one result each. */
export function judgeMetric(
  check: string,
  metric: Metric,
  evaluation: Evaluation,
  { min, max, confidence, ...rest }: MetricPolicy,
): CheckResult[] {
  const { label } = metric;
  const gap = notDefined(metric, evaluation);
  if (gap) {
    const result = gap.byRows ? inconclusive : failed;
    return [result({ check, group: "performance", ...rest }, `${label} is not defined${gap.reason}`)];
  }
  const value = metricValue(metric, evaluation);
  const named = { check, group: "performance" as const, label, value, level: rest.level };
  const bounds = [
    ...(min === undefined ? [] : [{ relation: ">=" as const, bound: min }]),
    ...(max === undefined ? [] : [{ relation: "<=" as const, bound: max }]),
  ];
  const found =
    confidence === undefined ? undefined : metricInterval(metric, evaluation, confidence, evaluation.weights);
  if (found && !isFound(found)) {
    // More rows rarely help a model that misses its bound.
    const missed = bounds.map((bound) => compare({ ...named, ...bound })).find(({ outcome }) => outcome === "fail");
    const detail = `${missed?.detail ?? `${label} ${formatRatio(value)}`}: ${found.tooFew}`;
    return [inconclusive({ check, group: "performance", ...rest }, detail)];
  }
  const caution = metric.caution?.(evaluation, evaluation.weights);
  const withCaution = (result: CheckResult) =>
    caution === undefined ? result : { ...result, detail: `${result.detail}; ${caution}` };
  return bounds.map(({ relation, bound }) => {
    const common = { ...named, bound, relation };
    if (!found || confidence === undefined) return withCaution(compare(common));
    const { interval, why } = found;
    const judged =
      relation === ">="
        ? { label: `lower bound at ${percent(confidence)}`, value: interval[0] }
        : { label: `upper bound at ${percent(confidence)}`, value: interval[1] };
    const result = withCaution(compare({ ...common, judged, interval, confidence, why }));
    const distance = relation === ">=" ? value - bound : bound - value;
    if (result.outcome === "pass" || distance <= 0) return result;
    const needed = rowsForPower({ rows: evaluation.rows, interval, confidence, distance });
    return { ...result, detail: `${result.detail}; ${aboutRows(needed)} would confirm it in 80 % of cases` };
  });
}

/** Returns the value of a metric; NaN if it is not defined for these rows and this model. */
export const metricValue = (metric: Metric, evaluation: Evaluation): number =>
  computedValue(metric, evaluation) ?? metric.of(evaluation)?.(evaluation.weights) ?? Number.NaN;

export const percent = (share: number): string => `${Number((share * 100).toFixed(4))} %`;
