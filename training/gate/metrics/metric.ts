import {
  type AnsweredRows,
  type BinaryRows,
  detectorOf,
  type MulticlassRows,
  type RegressionRows,
} from "./answered-rows.ts";
import type { TruthNeed } from "./truth-needs.ts";
import { BinaryView, type ClassView, MulticlassView, RegressionView, type View } from "./views.ts";

/** Task of rows. A detector's rows are binary. */
export type RowsTask = AnsweredRows["task"];

/** A metric of fixed rows as a function of their weights. Without weights, every row counts once. NaN if the metric is not defined. */
export type RowStatistic = (weights?: ArrayLike<number>) => number;

/** What the metric needs from the model besides labels or values. */
type Needs = "answers" | "probabilities" | "scores";

/** Lowest and highest value. */
export type Range = readonly [lowest: number, highest: number];

/**
 * Precomputes what does not depend on the weights, such as the order of the scores, and returns the metric of a weighted view of the rows. The
 * metrics of a view share its confusion matrix and its threshold curve.
 */
type Prepare<Rows, V> = (rows: Rows) => (view: V) => number;

export interface MetricDefinition {
  /** Name in messages and reports. */
  readonly label: string;
  /** Name on the run, as `gate.<name>`: scikit-learn's, without `_score` and `_loss`. */
  readonly metric: string;
  /** Smaller is better. */
  readonly loss?: true;
  /** The best value is in the middle, as for a bias: a bound needs both ends. */
  readonly twoSided?: true;
  readonly range: Range;
  /** Narrower range for some tasks. */
  readonly taskRange?: Partial<Record<RowsTask, Range>>;
  readonly needs?: Exclude<Needs, "answers">;
  /** A share, such as an error relative to the truth, that may exceed 1. */
  readonly openShare?: true;
  /** Returns a warning, to append to a check's message, if a few rows may decide the value; else undefined. */
  readonly caution?: (rows: AnsweredRows, weights?: ArrayLike<number>) => string | undefined;
  /** What the truth must contain. Otherwise the value says nothing about the model. */
  readonly truth?: TruthNeed;
  /** Completes "is not defined for" if the value is NaN, and says whether other rows would define it. */
  readonly undefinedFor?: { readonly reason: string; readonly byRows?: true };
  /** The constant that optimizes a regression metric; default: the mean. */
  readonly constant?: "median";
  /** Whether it depends only on the confusion matrix. */
  readonly counts?: true;
  /** A few extreme rows decide the value, so it has no valid confidence interval with any number of rows. */
  readonly atEdge?: true;
  /** Row losses by target, in row order, for a metric derived from their means. */
  readonly losses?: (rows: AnsweredRows, weights?: ArrayLike<number>) => readonly RowLosses[] | undefined;
  /** Kind of a regressor's losses: it decides how many rows an interval needs. */
  readonly lossKind?: LossKind;
  readonly binary?: Prepare<BinaryRows, BinaryView>;
  readonly multiclass?: Prepare<MulticlassRows, MulticlassView>;
  /** For binary and multiclass. */
  readonly classes?: Prepare<BinaryRows | MulticlassRows, ClassView>;
  readonly regression?: Prepare<RegressionRows, RegressionView>;
}

export interface Metric extends Omit<MetricDefinition, "needs" | "binary" | "multiclass" | "classes" | "regression"> {
  readonly needs: Needs;
  /** The tasks for which it is defined. */
  readonly tasks: readonly RowsTask[];
  /** @returns undefined for rows of another task, and if the model lacks what the metric needs */
  readonly of: (rows: AnsweredRows) => RowStatistic | undefined;
  /** For a metric restricted to a part, such as one class: the underlying metric and the part's rows. */
  readonly partOf?: { readonly metric: Metric; readonly rowsOf: (rows: AnsweredRows) => AnsweredRows | undefined };
  /** Like `of`, for a view that several metrics share. */
  readonly valueOf: (view: View) => number | undefined;
}

/** A metric with parameters, such as precision at a given recall. */
export interface MetricFamily<Parameters> {
  readonly label: string;
  readonly tasks: readonly RowsTask[];
  readonly needs: Needs;
  readonly atEdge?: true;
  /** @throws RangeError for a parameter out of range */
  readonly with: (parameters: Parameters) => Metric;
}

/** Completes a definition: derives the tasks, and computes values only if the model has what the metric needs. */
export function defineMetric(definition: MetricDefinition): Metric {
  const { binary, multiclass, classes, regression, needs = "answers", ...row } = definition;
  const prepareByTask = { binary: binary ?? classes, multiclass: multiclass ?? classes, regression };
  const tasks = (["binary", "multiclass", "regression"] as const).filter((task) => prepareByTask[task]);
  const prepare = (rows: AnsweredRows): ((view: View) => number) | undefined => {
    if (!has(rows, needs)) return undefined;
    // A view has the task of its rows.
    return (prepareByTask[rows.task] as Prepare<AnsweredRows, View> | undefined)?.(rows);
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

/** Returns the metric's range for a task. */
export const rangeFor = ({ range, taskRange }: Metric, task: RowsTask): Range => taskRange?.[task] ?? range;

/** Creates the view that metrics of the same rows share. @param weights one per row; without them, every row counts once */
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

/**
 * Row values of one target, from whose mean a metric is derived. Its interval needs their variance.
 * - `mean`: the metric is the mean; `root`: its square root; `hit`: the mean of zeros and ones
 * - `ratio`: 1 - mean of `losses` / mean of `constant`, the losses of the best constant
 */
export interface RowLosses {
  readonly kind: "mean" | "root" | "hit" | "ratio";
  readonly losses: Float64Array;
  readonly constant?: Float64Array;
  /** Losses grow with the square of the error. */
  readonly squared?: true;
}

export type LossKind = Pick<RowLosses, "kind" | "squared">;

/** Rejects a parameter out of [0, 1]. @throws RangeError */
export function ratio(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must be between 0 and 1, got ${value}`);
}

/** Rejects a parameter that is not an integer of at least 1. @throws RangeError */
export function wholeFromOne(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name} must be an integer of at least 1, got ${value}`);
}

/** Rejects a parameter that is not a finite number. @throws RangeError */
export function finiteNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be a finite number, got ${value}`);
}
