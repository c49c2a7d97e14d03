import type { MulticlassRows } from "../metrics/answered-rows.ts";
import { OwnScores } from "../metrics/own-scores.ts";
import { probabilitiesOf } from "../metrics/pair-areas.ts";
import type { Estimate } from "../statistics/estimate.ts";

/** Estimates the mean over the classes of the area of one class against the rest. */
export const oneVersusRestEstimate = (rows: MulticlassRows, weights?: ArrayLike<number>): Estimate =>
  meanArea(rows, "rest", weights);

/** Estimates the mean area over the pairs of classes with rows, in both directions. */
export const oneVersusOneEstimate = (rows: MulticlassRows, weights?: ArrayLike<number>): Estimate =>
  meanArea(rows, "pairs", weights);

/**
 * Estimates the mean of the areas of each class against the rest, or of each ordered pair of classes with rows. Adds up the areas' influences, which
 * yields DeLong's covariance. Takes one lookup per row and class, regardless of the number of pairs.
 */
function meanArea(rows: MulticlassRows, kind: "rest" | "pairs", weights?: ArrayLike<number>): Estimate {
  const { labels, classes } = rows;
  const probabilities = probabilitiesOf(rows);
  const own = new OwnScores(rows, probabilities, weights);
  const total = own.weights.reduce((sum, weight) => sum + weight, 0);
  const present = own.weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
  const areas = kind === "rest" ? classes.length : present * (present - 1);
  const weightOf = (row: number) => (weights ? (weights[row] as number) : 1);
  const shares = new Float64Array(rows.rows);
  const influences = new Float64Array(rows.rows);
  const add = (row: number, share: number, area: number, rowsWeight: number) => {
    const influence = (weightOf(row) * (share - area) * rows.rows) / rowsWeight / areas;
    influences[row] = (influences[row] as number) + influence;
  };
  let value = 0;
  for (const [index, ownWeight] of own.weights.entries()) {
    if (kind === "pairs" && ownWeight === 0) continue;
    const opponents = (row: number) =>
      kind === "rest" ? total - ownWeight : (own.weights[labels[row] as number] as number);
    const isOther = (row: number) => labels[row] !== index && opponents(row) > 0;
    const byClass = new Float64Array(classes.length);
    for (let row = 0; row < rows.rows; row++) {
      if (!isOther(row)) continue;
      const label = labels[row] as number;
      const weight = weightOf(row) / opponents(row);
      const score = probabilities[row * classes.length + index] as number;
      shares[row] = own.rank(index, score, weight) / ownWeight;
      byClass[label] = (byClass[label] as number) + weight * (shares[row] as number);
    }
    // The area of the class against the rest, or the sum of the areas of its pairs.
    const sum = byClass.reduce((all, area) => all + area, 0);
    value += sum / areas;
    for (let row = 0; row < rows.rows; row++)
      if (isOther(row))
        add(
          row,
          shares[row] as number,
          kind === "rest" ? sum : (byClass[labels[row] as number] as number),
          opponents(row),
        );
    for (const { row, below } of own.ranked(index)) add(row, below, sum, ownWeight);
  }
  return { value, influences };
}
