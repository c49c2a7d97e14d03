import { SCORES_HINT } from "./answers/value-answers.ts";
import { computedValue, type Evaluation } from "./evaluation.ts";
import { type AnsweredRows, judgedAs, UNLABELLED } from "./metrics/answered-rows.ts";
import type { Metric, RowsTask } from "./metrics/metric.ts";
import { METRICS, metricKeys } from "./metrics/metric-table.ts";
import { truthGap } from "./metrics/truth-needs.ts";
import { areLabels, MULTI_LABEL_HINT } from "./multi-label.ts";

/** Why a metric has no meaningful value. */
export interface NotDefined {
  /** Continues "is not defined", including the separator. */
  readonly reason: string;
  /** Whether other rows would define it. If not, the model or the policy is at fault, and more rows do not help. */
  readonly byRows: boolean;
}

/** Determines why a metric is meaningless for a model on these rows; undefined if it is meaningful. */
export function notDefined(metric: Metric, evaluation: Evaluation): NotDefined | undefined {
  const { tasks } = metric;
  // A detector's rows have two classes.
  const { task, weights } = evaluation;
  if (!tasks.includes(task))
    return byPolicy(
      ` for the task ${judgedAs(evaluation)}: it is a metric for ${tasks.join(" and ")}${ofSeveralClasses(metric, task)}${ofNumbers(evaluation)}`,
    );
  if (weights?.every((weight) => weight === 0))
    return { reason: ": no row of the snapshot has a positive weight", byRows: true };
  const statistic = metric.of(evaluation);
  if (!statistic) return byPolicy(lacking(metric, evaluation));
  const rows = metric.partOf ? metric.partOf.rowsOf(evaluation) : evaluation;
  const gap = metric.truth && rows && truthGap(metric.truth, rows, weights);
  if (gap !== undefined) return { reason: `: ${ofPart(metric, rows, gap)}`, byRows: true };
  const value = computedValue(metric, evaluation) ?? statistic(weights);
  if (!Number.isNaN(value)) return undefined;
  const { reason, byRows = false } = metric.undefinedFor ?? { reason: "these values" };
  return { reason: ` for ${reason}`, byRows };
}

const byPolicy = (reason: string): NotDefined => ({ reason, byRows: false });

function lacking({ needs }: Metric, evaluation: Evaluation): string {
  if (needs === "answers") return `: ${UNLABELLED}`;
  return `: ${evaluation.without ?? `the model returns no ${needs}`}`;
}

/** For one class against the others: says which of the two is missing. */
function ofPart({ partOf }: Metric, rows: AnsweredRows | undefined, gap: string): string {
  if (!partOf || rows?.task !== "binary" || !gap.endsWith("one class only")) return gap;
  const [, name] = rows.classes;
  return rows.labels.includes(1)
    ? `the snapshot only has rows of class ${name}`
    : `the snapshot has no rows of class ${name}`;
}

/** A model that returns only numbers counts as a regressor. */
function ofNumbers(evaluation: Evaluation): string {
  if (evaluation.task !== "regression") return "";
  if (areLabels(evaluation.predicted, evaluation.targets.length)) return `; ${MULTI_LABEL_HINT}`;
  return `. If the model's numbers are scores of classes, log it with ${SCORES_HINT}`;
}

/** The counterpart of a positive-class metric for several classes. */
export function ofSeveralClasses({ metric }: Pick<Metric, "metric">, task: RowsTask): string {
  const macro = metricKeys.find((key) => METRICS[key].metric === `${metric}_macro`);
  if (task !== "multiclass" || !macro) return "";
  return `. Use ${macro}, or performance.classes.<class>.${metric} for one class`;
}
