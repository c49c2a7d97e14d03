/**
 * Rows counted from the highest score down: after each distinct score, how many rows of class 1 (true positives at that
 * threshold) and of class 0 (false positives) stand at or above it. What ROC, precision-recall and their areas are made of.
 */
export interface Ranking {
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

/**
 * The two classes are sorted apart and merged: numbers without a comparator sort many times faster than row indices with one.
 * @param labels 0 or 1, one a row
 * @param scores any finite numbers, one a row
 */
export function rank(labels: ArrayLike<number>, scores: ArrayLike<number>): Ranking {
  const rows = labels.length;
  let count = 0;
  for (let row = 0; row < rows; row++) if (labels[row] === 1) count++;
  const positives = new Float64Array(count);
  const negatives = new Float64Array(rows - count);
  for (let row = 0, p = 0, n = 0; row < rows; row++)
    if (labels[row] === 1) positives[p++] = scores[row] as number;
    else negatives[n++] = scores[row] as number;
  positives.sort();
  negatives.sort();
  const truePositives = new Float64Array(rows);
  const falsePositives = new Float64Array(rows);
  let [p, n, points] = [positives.length, negatives.length, 0];
  while (p > 0 || n > 0) {
    const score = Math.max(
      p > 0 ? (positives[p - 1] as number) : -Infinity,
      n > 0 ? (negatives[n - 1] as number) : -Infinity,
    );
    while (p > 0 && positives[p - 1] === score) p--;
    while (n > 0 && negatives[n - 1] === score) n--;
    truePositives[points] = positives.length - p;
    falsePositives[points++] = negatives.length - n;
  }
  return { truePositives: truePositives.slice(0, points), falsePositives: falsePositives.slice(0, points) };
}

/** Area under the ROC curve (trapezoids, so that ties count half); NaN where a class has no rows: it is not defined then. */
export function rankedRocAuc({ truePositives, falsePositives }: Ranking): number {
  let [area, tpBefore, fpBefore] = [0, 0, 0];
  for (let point = 0; point < truePositives.length; point++) {
    const [tp, fp] = [truePositives[point] as number, falsePositives[point] as number];
    area += ((fp - fpBefore) * (tp + tpBefore)) / 2;
    [tpBefore, fpBefore] = [tp, fp];
  }
  return area / (tpBefore * fpBefore);
}

/** Area under the precision-recall curve as scikit-learn's average_precision_score has it; NaN without rows of class 1. */
export function averagePrecision({ truePositives, falsePositives }: Ranking): number {
  let [sum, before] = [0, 0];
  for (let point = 0; point < truePositives.length; point++) {
    const tp = truePositives[point] as number;
    sum += ((tp - before) * tp) / (tp + (falsePositives[point] as number));
    before = tp;
  }
  return sum / before;
}
