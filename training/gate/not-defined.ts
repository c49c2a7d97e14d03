import { SCORES_HINT } from "./answers/value-answers.ts";
import type { Evaluation } from "./evaluation.ts";
import { type AnsweredRows, judgedAs, UNLABELLED } from "./metrics/answered-rows.ts";
import type { Metric, RowsTask } from "./metrics/metric.ts";
import { METRICS, metricKeys } from "./metrics/metric-table.ts";
import { truthGap } from "./metrics/truth-needs.ts";

/** Why a metric has no value, or one that says nothing. */
export interface NotDefined {
  /** To be said after "is not defined", with what separates it. */
  readonly reason: string;
  /** Other rows would define it. Otherwise model or policy are at fault, which more rows would not mend. */
  readonly byRows: boolean;
}

/** Finds out why a metric says nothing about a model on these rows; undefined where it does. */
export function notDefined(metric: Metric, evaluation: Evaluation): NotDefined | undefined {
  const { tasks } = metric;
  // A detector's rows are those of two classes.
  const { task, weights } = evaluation;
  if (!tasks.includes(task))
    return byPolicy(
      ` for the task ${judgedAs(evaluation)}: it is a metric of ${tasks.join(" and ")}${ofSeveralClasses(metric, task)}${ofScores(task)}`,
    );
  if (weights?.every((weight) => weight === 0))
    return { reason: ": no row of the snapshot has a weight of more than 0", byRows: true };
  const statistic = metric.of(evaluation);
  if (!statistic) return byPolicy(lacking(metric, evaluation));
  const rows = metric.partOf ? metric.partOf.rowsOf(evaluation) : evaluation;
  const gap = metric.truth && rows && truthGap(metric.truth, rows, weights);
  if (gap !== undefined) return { reason: `: ${ofPart(metric, rows, gap)}`, byRows: true };
  const value = evaluation.metrics[metric.metric] ?? statistic(weights);
  if (!Number.isNaN(value)) return undefined;
  const { reason, byRows = false } = metric.undefinedFor ?? { reason: "these values" };
  return { reason: ` for ${reason}`, byRows };
}

const byPolicy = (reason: string): NotDefined => ({ reason, byRows: false });

function lacking({ needs }: Metric, evaluation: Evaluation): string {
  if (needs === "answers") return `: ${UNLABELLED}`;
  return `: ${evaluation.without ?? `the model gives no ${needs}`}`;
}

/** Rows of one class against the others: which of both is there. */
function ofPart({ partOf }: Metric, rows: AnsweredRows | undefined, gap: string): string {
  if (!partOf || rows?.task !== "binary" || !gap.endsWith("one class only")) return gap;
  const [, name] = rows.classes;
  return rows.labels.includes(1)
    ? `the snapshot has rows of class ${name} only`
    : `the snapshot has no rows of class ${name}`;
}

/** A model that answers numbers alone is taken for a regressor. */
const ofScores = (task: RowsTask): string =>
  task === "regression" ? `. If the model's numbers are scores of classes, log it with ${SCORES_HINT}` : "";

/** What stands for a metric of the positive class where there are several classes. */
export function ofSeveralClasses({ metric }: Pick<Metric, "metric">, task: RowsTask): string {
  const macro = metricKeys.find((key) => METRICS[key].metric === `${metric}_macro`);
  if (task !== "multiclass" || !macro) return "";
  return `. Name ${macro}, or performance.classes.<class>.${metric} for one class`;
}
