import type { FloatArray } from "../../../data/number-array.ts";
import type { MulticlassRows } from "./answered-rows.ts";
import { requireNumber } from "./float-keys.ts";
import { OwnScores } from "./own-scores.ts";

/**
 * How often the probability of a class is higher for a row of that class than for a row of another: the weight of such pairs of rows for each pair
 * of classes, with ties counting half. Both ROC AUC one-vs-one and one-vs-rest are derived from it.
 */
export interface PairAreas {
  /** Row-major, classes x classes: [class whose probability it is, other class]. */
  readonly areas: Float64Array;
  /** Weight of the rows by true class. */
  readonly weights: Float64Array;
}

/**
 * Looks up each row's probabilities among the probabilities of each class's own rows. Takes rows x classes lookups, whereas sorting all rows for every
 * class would take minutes with hundreds of classes.
 * @throws RangeError: see probabilitiesOf
 */
export function pairAreas(rows: MulticlassRows, weights?: ArrayLike<number>): PairAreas {
  const { labels } = rows;
  const probabilities = probabilitiesOf(rows);
  const classes = rows.classes.length;
  const own = new OwnScores(rows, probabilities, weights);
  const areas = new Float64Array(classes * classes);
  for (let row = 0; row < rows.rows; row++) {
    const label = labels[row] as number;
    const weight = weights ? (weights[row] as number) : 1;
    for (let index = 0; index < classes; index++) {
      const cell = index * classes + label;
      areas[cell] = (areas[cell] as number) + weight * own.rank(index, probabilities[row * classes + index] as number);
    }
  }
  return { areas, weights: own.weights };
}

/** Returns the probabilities. @throws RangeError for rows without probabilities, and for a probability that is NaN */
export function probabilitiesOf({ probabilities }: MulticlassRows): FloatArray {
  if (!probabilities) throw new RangeError("the model returns no probabilities to rank the rows by");
  for (let index = 0; index < probabilities.length; index++) requireNumber(probabilities[index] as number, index);
  return probabilities;
}
