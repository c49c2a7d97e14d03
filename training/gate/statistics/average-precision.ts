import type { Estimate } from "./estimate.ts";

/**
 * Average precision with its empirical influence function: the effect of one more row of the same kind, through its own step and through the
 * precision at every lower score.
 * @param order rows in descending order of the score
 */
export function averagePrecisionEstimate(
  { scores, labels, order }: { scores: ArrayLike<number>; labels: ArrayLike<number>; order: ArrayLike<number> },
  weights?: ArrayLike<number>,
): Estimate {
  const rows = order.length;
  const weightOf = (row: number) => (weights ? (weights[row] as number) : 1);
  // By position of the last row of each score.
  const ends: number[] = [];
  const [found, precisions, steps]: [number[], number[], number[]] = [[], [], []];
  let [positives, all, start, sum] = [0, 0, 0, 0];
  while (start < rows) {
    let end = start;
    let step = 0;
    const score = scores[order[start] as number];
    for (; end < rows && scores[order[end] as number] === score; end++) {
      const row = order[end] as number;
      if (labels[row] === 1) step += weightOf(row);
      all += weightOf(row);
    }
    positives += step;
    const precision = all > 0 ? positives / all : 0;
    sum += step * precision;
    ends.push(end);
    found.push(all);
    precisions.push(precision);
    steps.push(step);
    start = end;
  }
  const value = sum / positives;
  const influences = new Float64Array(rows);
  // Over this score and all lower ones: steps x the derivative of their precision.
  let [gain, loss] = [0, 0];
  for (let point = ends.length - 1; point >= 0; point--) {
    const [precision, total, step] = [precisions[point] as number, found[point] as number, steps[point] as number];
    if (total > 0) {
      gain += (step * (1 - precision)) / total;
      loss += (step * precision) / total;
    }
    for (let place = point === 0 ? 0 : (ends[point - 1] as number); place < (ends[point] as number); place++) {
      const row = order[place] as number;
      const change = labels[row] === 1 ? precision - value + gain : -loss;
      influences[row] = (weightOf(row) * change * rows) / positives;
    }
  }
  return { value, influences };
}
