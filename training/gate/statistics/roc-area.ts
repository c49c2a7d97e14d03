import { bisect } from "./binomial.ts";
import type { Estimate } from "./estimate.ts";
import { standardError } from "./estimate.ts";
import { twoSidedZ } from "./normal.ts";

/** Scores of rows in two groups. The first group's scores should be higher. */
export interface TwoGroups {
  readonly scores: ArrayLike<number>;
  /** 1 for a row of the first group, 0 for the second; any other number for a row in neither. */
  readonly groups: ArrayLike<number>;
  readonly weights?: ArrayLike<number> | undefined;
  /** Rows in descending order of the score. */
  readonly order: ArrayLike<number>;
}

/**
 * Estimates the area under the ROC curve with DeLong's structural components as influences (DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44): for
 * a row of one group, the share of the other group's rows against which it is ranked correctly, with ties counting half. The difference between two
 * models has the variance of the difference between their influences. Takes one pass over the rows.
 */
export function rocArea({ scores, groups, weights, order }: TwoGroups): Estimate {
  const rows = order.length;
  const weightOf = (row: number) => (weights ? (weights[row] as number) : 1);
  const totals = [0, 0];
  for (let row = 0; row < rows; row++) {
    const group = groups[row] as number;
    if (group === 0 || group === 1) totals[group] = (totals[group] as number) + weightOf(row);
  }
  const [second, first] = totals as [number, number];
  const shares = new Float64Array(rows);
  let [firstAbove, secondAbove, start, area] = [0, 0, 0, 0];
  while (start < rows) {
    let end = start;
    let [firstTied, secondTied] = [0, 0];
    const score = scores[order[start] as number];
    for (; end < rows && scores[order[end] as number] === score; end++) {
      const row = order[end] as number;
      if (groups[row] === 1) firstTied += weightOf(row);
      else if (groups[row] === 0) secondTied += weightOf(row);
    }
    for (let index = start; index < end; index++) {
      const row = order[index] as number;
      if (groups[row] === 1) {
        shares[row] = (second - secondAbove - secondTied / 2) / second;
        area += weightOf(row) * (shares[row] as number);
      } else if (groups[row] === 0) shares[row] = (firstAbove + firstTied / 2) / first;
    }
    firstAbove += firstTied;
    secondAbove += secondTied;
    start = end;
  }
  const value = area / first;
  const influences = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const group = groups[row];
    if (group !== 0 && group !== 1) continue;
    influences[row] = (weightOf(row) * ((shares[row] as number) - value) * rows) / (group === 1 ? first : second);
  }
  return { value, influences };
}

/** Computes an interval on the logit scale, which keeps its ends in (0, 1). @param reach in standard errors */
export function onLogit(estimate: Estimate, reach: number): [number, number] {
  const { value } = estimate;
  if (value <= 0 || value >= 1) return [value, value];
  const error = (reach * standardError(estimate)) / (value * (1 - value));
  const logit = Math.log(value / (1 - value));
  const back = (x: number) => 1 / (1 + Math.exp(-x));
  return [back(logit - error), back(logit + error)];
}

/**
 * Computes Newcombe's score-like interval of an area (2006, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
 * Statistics in Medicine 25, method 5): evaluates Hanley and McNeil's variance at each candidate area. The interval does not shrink to a point if
 * the classes are ranked without error.
 */
export function newcombeArea(value: number, first: number, second: number, confidence: number): [number, number] {
  const z = twoSidedZ(confidence);
  const mean = (first + second) / 2;
  const deviation = (area: number) =>
    Math.sqrt(
      (area * (1 - area) * (1 + ((mean - 1) * (1 - area)) / (2 - area) + ((mean - 1) * area) / (1 + area))) /
        (first * second),
    );
  return [
    value <= 0 ? 0 : bisect((area) => value - area > z * deviation(area), 0, value),
    value >= 1 ? 1 : bisect((area) => area - value < z * deviation(area), value, 1),
  ];
}
