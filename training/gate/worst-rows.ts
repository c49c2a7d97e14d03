import type { ClassName } from "../../data/prediction.ts";
import type { AnsweredRows, BinaryRows, MulticlassRows, RegressionRows } from "./metrics/answered-rows.ts";
import { targetColumns } from "./metrics/target-columns.ts";

/** A row with a wrong prediction. Its other columns are left out: they may contain personal data. */
interface WorstRow {
  /** Row of the snapshot, from 1. */
  readonly row: number;
  /** The row's id, if `data.id` names the column. */
  readonly id?: string;
  /** For several targets. */
  readonly target?: string;
  readonly truth: ClassName;
  readonly answer: ClassName;
  /** Predicted probability of the truth. */
  readonly probability?: number;
  /** For a classifier without probabilities. */
  readonly score?: number;
  /** Prediction minus truth, for a regressor. */
  readonly residual?: number;
}

export interface WorstRows {
  /**
   * Criterion of the order:
   * - probability: lower predicted probability of the truth
   * - score: larger distance from the decision threshold
   * - order: none, for a model with only labels; rows in their order
   * - residual: larger absolute error; with several targets, in units of the target's root mean squared error
   */
  readonly by: "probability" | "score" | "order" | "residual";
  /** Number of rows with a positive weight and a wrong prediction; absent for regressors. */
  readonly wrong?: number;
  /** Source column of the ids. */
  readonly idColumn?: string;
  /** Why there are no ids, although a column is set. */
  readonly withoutIds?: string;
  /** Worst first. */
  readonly rows: readonly WorstRow[];
}

const MOST_ROWS = 20;

/**
 * Finds the rows with the worst predictions, at most 20. Needs only predictions and truth, so the rows themselves need not be in memory.
 * @param weights one per row: rows of weight 0 are ignored
 */
export function worstRows(rows: AnsweredRows, weights?: ArrayLike<number>): WorstRows {
  const counts = (row: number) => !weights || (weights[row] as number) > 0;
  return rows.task === "regression" ? worstValues(rows, counts) : worstLabels(rows, counts);
}

type Counts = (row: number) => boolean;

function worstLabels(rows: BinaryRows | MulticlassRows, counts: Counts): WorstRows {
  const { labels, predicted, classes } = rows;
  const probability = truthProbability(rows);
  const margin = probability ? undefined : scoreMargin(rows);
  const worst = new Worst();
  let wrong = 0;
  for (let row = 0; row < rows.rows; row++) {
    if (labels[row] === predicted[row] || !counts(row)) continue;
    wrong++;
    worst.offer(row, probability ? -probability(row) : margin ? margin.distance(row) : -row);
  }
  return {
    by: probability ? "probability" : margin ? "score" : "order",
    wrong,
    rows: worst.cells.map((row) => ({
      row: row + 1,
      truth: classes[labels[row] as number] as ClassName,
      answer: classes[predicted[row] as number] as ClassName,
      ...(probability && { probability: probability(row) }),
      ...(margin && { score: margin.score(row) }),
    })),
  };
}

/** Predicted probability of a row's true class. */
function truthProbability(rows: BinaryRows | MulticlassRows): ((row: number) => number) | undefined {
  const { labels } = rows;
  if (rows.task === "binary") {
    const { positive } = rows;
    return positive && ((row) => (labels[row] === 1 ? (positive[row] as number) : 1 - (positive[row] as number)));
  }
  const { probabilities, classes } = rows;
  return probabilities && ((row) => probabilities[row * classes.length + (labels[row] as number)] as number);
}

/** Measures margins from the decision threshold, because they have no common scale. */
function scoreMargin(rows: BinaryRows | MulticlassRows) {
  if (rows.task !== "binary" || !rows.scores) return undefined;
  const { scores, predicted } = rows;
  let [highestOfNegative, lowestOfPositive] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let row = 0; row < rows.rows; row++) {
    const score = scores[row] as number;
    if (predicted[row] === 1) lowestOfPositive = Math.min(lowestOfPositive, score);
    else highestOfNegative = Math.max(highestOfNegative, score);
  }
  const ends = [highestOfNegative, lowestOfPositive].filter(Number.isFinite);
  const middle = ends.reduce((sum, end) => sum + end, 0) / Math.max(1, ends.length);
  return {
    score: (row: number) => scores[row] as number,
    distance: (row: number) => Math.abs((scores[row] as number) - middle),
  };
}

function worstValues(rows: RegressionRows, counts: Counts): WorstRows {
  const { targets } = rows;
  const columns = targetColumns(rows);
  const width = columns.length;
  const worst = new Worst();
  for (const [index, { truth, predicted }] of columns.entries()) {
    const residual = (row: number) => (predicted[row] as number) - (truth[row] as number);
    // Targets have different units.
    const unit = width > 1 ? rootMeanSquare(rows.rows, residual, counts) : 1;
    for (let row = 0; row < rows.rows; row++) {
      const size = Math.abs(residual(row));
      if (size > 0 && counts(row)) worst.offer(row * width + index, size / unit);
    }
  }
  return {
    by: "residual",
    rows: worst.cells.map((cell) => {
      const [row, index] = [Math.floor(cell / width), cell % width];
      const truth = columns[index]?.truth[row] as number;
      const answer = columns[index]?.predicted[row] as number;
      const target = targets[index] as string;
      return { row: row + 1, ...(width > 1 && { target }), truth, answer, residual: answer - truth };
    }),
  };
}

function rootMeanSquare(rows: number, value: (row: number) => number, counts: Counts): number {
  let [sum, counted] = [0, 0];
  for (let row = 0; row < rows; row++) {
    if (!counts(row)) continue;
    sum += value(row) ** 2;
    counted++;
  }
  return Math.sqrt(sum / Math.max(1, counted));
}

/** A bounded list, worst first; of equal rows, the first one offered comes first. */
class Worst {
  readonly #found: { readonly cell: number; readonly badness: number }[] = [];

  offer(cell: number, badness: number): void {
    const found = this.#found;
    if (found.length === MOST_ROWS && badness <= (found[MOST_ROWS - 1]?.badness ?? 0)) return;
    let at = found.length;
    while (at > 0 && (found[at - 1]?.badness ?? 0) < badness) at--;
    found.splice(at, 0, { cell, badness });
    if (found.length > MOST_ROWS) found.pop();
  }

  get cells(): number[] {
    return this.#found.map(({ cell }) => cell);
  }
}
