import { rank, rankedRocAuc } from "./ranking.ts";

/**
 * Metrics of binary classification, defined as in scikit-learn. Labels are 0 or 1; the positive class is 1.
 * Every function throws RangeError when its two inputs are empty or differ in length.
 */

/** Counts of rows by true and predicted label. */
export interface Confusion {
  readonly tn: number;
  readonly fp: number;
  readonly fn: number;
  readonly tp: number;
}

/** Share of rows whose predicted label is the true one, in [0, 1]. */
export function accuracy(labels: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const rows = sameLength(labels, predicted);
  let right = 0;
  for (let row = 0; row < rows; row++) if (labels[row] === predicted[row]) right++;
  return right / rows;
}

/** Counts of true and false negatives and positives. Throws RangeError for a label other than 0 and 1. */
export function confusion(labels: ArrayLike<number>, predicted: ArrayLike<number>): Confusion {
  const rows = sameLength(labels, predicted);
  const counts = { tn: 0, fp: 0, fn: 0, tp: 0 };
  for (let row = 0; row < rows; row++) {
    const positive = isPositive(labels, row);
    if (isPositive(predicted, row)) counts[positive ? "tp" : "fp"]++;
    else counts[positive ? "fn" : "tn"]++;
  }
  return counts;
}

/** Harmonic mean of precision and recall of class 1; 0 where class 1 is neither there nor predicted, as in scikit-learn. */
export const f1 = (labels: ArrayLike<number>, predicted: ArrayLike<number>): number =>
  f1Of(confusion(labels, predicted));

/** The metrics of a confusion matrix. Where the denominator is empty: 0, as scikit-learn's zero_division has it. */
export const f1Of = ({ tp, fp, fn }: Confusion): number => (tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn));
export const precisionOf = ({ tp, fp }: Confusion): number => (tp === 0 ? 0 : tp / (tp + fp));
export const recallOf = ({ tp, fn }: Confusion): number => (tp === 0 ? 0 : tp / (tp + fn));

/** Mean of the recalls of the classes that have rows, as scikit-learn's balanced_accuracy_score has it. */
export function balancedAccuracyOf({ tn, fp, fn, tp }: Confusion): number {
  const recalls = [...(tn + fp > 0 ? [tn / (tn + fp)] : []), ...(tp + fn > 0 ? [tp / (tp + fn)] : [])];
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}

/**
 * Mean negative log-likelihood in nats. Probabilities are clipped to [eps, 1 - eps] with eps = 2^-52, as scikit-learn's
 * log_loss does for float64, so that a sure and wrong answer costs much but not infinitely much.
 * @param positiveProbability probability of class 1, one a row
 */
export function logLoss(labels: ArrayLike<number>, positiveProbability: ArrayLike<number>): number {
  const rows = sameLength(labels, positiveProbability);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const probability = Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, probabilityAt(positiveProbability, row)));
    sum -= isPositive(labels, row) ? Math.log(probability) : Math.log1p(-probability);
  }
  return sum / rows;
}

/**
 * Area under the ROC curve: the chance that a positive row is scored above a negative one, ties counting half.
 * Throws RangeError when a class has no rows: the area is not defined then.
 * @param positiveProbability probability (or any score) of class 1, one a row
 */
export function rocAuc(labels: ArrayLike<number>, positiveProbability: ArrayLike<number>): number {
  const rows = sameLength(labels, positiveProbability);
  for (let row = 0; row < rows; row++) {
    scoreAt(positiveProbability, row);
    isPositive(labels, row);
  }
  const area = rankedRocAuc(rank(labels, positiveProbability));
  if (Number.isNaN(area)) throw new RangeError(`the ROC curve needs rows of both classes, got only class ${labels[0]}`);
  return area;
}

/** Mean squared difference of probability and label: the Brier score. */
export function brierScore(labels: ArrayLike<number>, positiveProbability: ArrayLike<number>): number {
  const rows = sameLength(labels, positiveProbability);
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += (probabilityAt(positiveProbability, row) - (labels[row] as number)) ** 2;
  return sum / rows;
}

function sameLength(labels: ArrayLike<number>, other: ArrayLike<number>): number {
  if (labels.length === 0) throw new RangeError("a metric needs at least one row");
  if (labels.length !== other.length)
    throw new RangeError(`${labels.length} labels do not fit ${other.length} predictions`);
  return labels.length;
}

function isPositive(labels: ArrayLike<number>, row: number): boolean {
  const label = labels[row];
  if (label !== 0 && label !== 1) throw new RangeError(`label of row ${row} must be 0 or 1, got ${label}`);
  return label === 1;
}

function probabilityAt(probabilities: ArrayLike<number>, row: number): number {
  const probability = scoreAt(probabilities, row);
  if (probability < 0 || probability > 1)
    throw new RangeError(`probability of row ${row} must be between 0 and 1, got ${probability}`);
  return probability;
}

/** NaN compares with nothing: it would make a metric wrong instead of undefined. */
function scoreAt(scores: ArrayLike<number>, row: number): number {
  const score = scores[row];
  if (score === undefined || Number.isNaN(score)) throw new RangeError(`score of row ${row} is not a number`);
  return score;
}
