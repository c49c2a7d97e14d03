import type { Estimate } from "./estimate.ts";

/**
 * Estimates the average precision with its empirical influence function: the effect of one more such row, through its own step and through the
 * precision at every lower score.
 * @param order rows in descending order of the score
 */
export function averagePrecisionEstimate(
  { scores, labels, order }: { scores: ArrayLike<number>; labels: ArrayLike<number>; order: ArrayLike<number> },
  weights?: ArrayLike<number>,
): Estimate {
  const rows = order.length;
  const weightOf = (row: number) => (weights ? (weights[row] as number) : 1);
  // One entry per distinct score: end of its rows in the order, weight up to there, precision, and weight of its positive rows.
  const ends: number[] = [];
  const [totals, precisions, steps]: [number[], number[], number[]] = [[], [], []];
  let [positives, total, start, sum] = [0, 0, 0, 0];
  while (start < rows) {
    let end = start;
    let step = 0;
    const score = scores[order[start] as number];
    for (; end < rows && scores[order[end] as number] === score; end++) {
      const row = order[end] as number;
      if (labels[row] === 1) step += weightOf(row);
      total += weightOf(row);
    }
    positives += step;
    const precision = total > 0 ? positives / total : 0;
    sum += step * precision;
    ends.push(end);
    totals.push(total);
    precisions.push(precision);
    steps.push(step);
    start = end;
  }
  const value = sum / positives;
  const influences = new Float64Array(rows);
  // Sums over this score and all lower ones: step x derivative of the precision.
  let [gain, loss] = [0, 0];
  for (let point = ends.length - 1; point >= 0; point--) {
    const [precision, total, step] = [precisions[point] as number, totals[point] as number, steps[point] as number];
    if (total > 0) {
      gain += (step * (1 - precision)) / total;
      loss += (step * precision) / total;
    }
    for (let index = point === 0 ? 0 : (ends[point - 1] as number); index < (ends[point] as number); index++) {
      const row = order[index] as number;
      const change = labels[row] === 1 ? precision - value + gain : -loss;
      influences[row] = (weightOf(row) * change * rows) / positives;
    }
  }
  return { value, influences };
}
