import {
  type AnsweredRows,
  type BinaryRows,
  detectorOf,
  type MulticlassRows,
  type RegressionRows,
} from "./answered-rows.ts";
import type { RowLosses } from "./row-losses.ts";
import type { TruthNeed } from "./truth-needs.ts";
import { BinaryView, type ClassView, MulticlassView, RegressionView, type View } from "./views.ts";

/** A detector's rows are those of a binary task. */
export type RowsTask = AnsweredRows["task"];

/** A metric of fixed rows as a function of their weights; without weights every row counts once. NaN where it is not defined. */
export type RowStatistic = (weights?: ArrayLike<number>) => number;

/** What the metric needs of the model besides its answers. */
export type Needs = "answers" | "probabilities" | "scores";

/** Lowest and highest value. */
export type Range = readonly [lowest: number, highest: number];

/**
 * Prepares what does not depend on the weights, such as the order of the scores, and returns the metric of a weighted view of the rows. A view
 * shares its confusion matrix and its threshold curve among the metrics that read it.
 */
type Prepare<Rows, V> = (rows: Rows) => (view: V) => number;

export interface MetricDefinition {
  /** In plain words. */
  readonly label: string;
  /** Its name on the run, as `gate.<name>`: scikit-learn's, without `_score` and `_loss`. */
  readonly metric: string;
  /** Smaller is better. */
  readonly loss?: true;
  /** Neither more nor less is better, as of a bias: a bound needs both ends. */
  readonly twoSided?: true;
  readonly range: Range;
  /** Where a task's range is narrower. */
  readonly taskRange?: Partial<Record<RowsTask, Range>>;
  readonly needs?: Exclude<Needs, "answers">;
  /** What the truth must have: without it the metric says nothing about a model, whatever its value is. */
  readonly truth?: TruthNeed;
  /** What its value is NaN for, to be said after "is not defined for", and whether other rows would define it. */
  readonly undefinedFor?: { readonly reason: string; readonly byRows?: true };
  /** The constant that scores best on a regression's metric; the mean where absent. */
  readonly constant?: "median";
  /** It is a function of the confusion matrix alone. */
  readonly counts?: true;
  /** A few rows at its edge decide it: no confidence interval of it holds, at any number of rows. */
  readonly atEdge?: true;
  /** Its rows' losses by target, for a metric that is made of means; their order is that of the rows. */
  readonly losses?: (rows: AnsweredRows, weights?: ArrayLike<number>) => readonly RowLosses[] | undefined;
  readonly binary?: Prepare<BinaryRows, BinaryView>;
  readonly multiclass?: Prepare<MulticlassRows, MulticlassView>;
  /** For binary and multiclass alike. */
  readonly classes?: Prepare<BinaryRows | MulticlassRows, ClassView>;
  readonly regression?: Prepare<RegressionRows, RegressionView>;
}

export interface Metric extends Omit<MetricDefinition, "needs" | "binary" | "multiclass" | "classes" | "regression"> {
  readonly needs: Needs;
  /** The tasks that it is defined for. */
  readonly tasks: readonly RowsTask[];
  /** @returns undefined for another task's rows, and where the model lacks what the metric needs */
  readonly of: (rows: AnsweredRows) => RowStatistic | undefined;
  /** The metric that this is a part of, such as that of one class, and the part's rows. */
  readonly partOf?: { readonly metric: Metric; readonly rowsOf: (rows: AnsweredRows) => AnsweredRows | undefined };
  /** The same for rows that are viewed by several metrics. */
  readonly valueOf: (view: View) => number | undefined;
}

/** A metric with parameters, such as the recall that a precision is asked at. */
export interface MetricFamily<Parameters> {
  readonly label: string;
  readonly tasks: readonly RowsTask[];
  readonly needs: Needs;
  readonly atEdge?: true;
  /** @throws RangeError for a parameter that is out of its range */
  readonly with: (parameters: Parameters) => Metric;
}

export function defineMetric(definition: MetricDefinition): Metric {
  const { binary, multiclass, classes, regression, needs = "answers", ...row } = definition;
  const by = { binary: binary ?? classes, multiclass: multiclass ?? classes, regression };
  const tasks = (["binary", "multiclass", "regression"] as const).filter((task) => by[task]);
  const prepare = (rows: AnsweredRows): ((view: View) => number) | undefined => {
    if (!has(rows, needs)) return undefined;
    // A view is of the task of its rows.
    return (by[rows.task] as Prepare<AnsweredRows, View> | undefined)?.(rows);
  };
  return {
    ...row,
    needs,
    tasks,
    of: (rows) => {
      const value = prepare(rows);
      return value && ((weights) => value(viewOf(rows, weights)));
    },
    valueOf: (view) => prepare(view.rows)?.(view),
  };
}

/** The metric's range for a task. */
export const rangeFor = ({ range, taskRange }: Metric, task: RowsTask): Range => taskRange?.[task] ?? range;

export function viewOf(rows: AnsweredRows, weights?: ArrayLike<number>): View {
  if (rows.task === "binary") return new BinaryView(rows, weights);
  return rows.task === "multiclass" ? new MulticlassView(rows, weights) : new RegressionView(rows, weights);
}

function has(rows: AnsweredRows, needs: Needs): boolean {
  if (needs === "answers") return !detectorOf(rows)?.unlabelled;
  if (needs === "probabilities" && detectorOf(rows)) return false;
  if (rows.task === "regression") return false;
  if (rows.task === "multiclass") return rows.probabilities !== undefined;
  return rows.positive !== undefined || (needs === "scores" && rows.scores !== undefined);
}
