import type { FloatArray } from "../../../data/number-array.ts";
import type { MulticlassRows } from "./answered-rows.ts";
import { requireNumber } from "./float-keys.ts";
import { OwnScores } from "./own-scores.ts";

/**
 * How often the probability of a class is higher in a row of that class than in a row of another: the weight of such pairs of rows for each pair
 * of classes, ties counting half. ROC AUC one-vs-one and one-vs-rest derive from these.
 */
export interface PairAreas {
  /** Row-major, classes x classes: [class whose probability it is, other class]. */
  readonly areas: Float64Array;
  /** Weight of the rows by true class. */
  readonly weights: Float64Array;
}

/**
 * Looks up each row's probabilities among those of each class's own rows: rows x classes lookups, whereas sorting all rows for every
 * class takes minutes with hundreds of classes.
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

/** @throws RangeError for rows without probabilities, and for a probability that is not a number */
export function probabilitiesOf({ probabilities }: MulticlassRows): FloatArray {
  if (!probabilities) throw new RangeError("the model returns no probabilities to rank the rows by");
  for (let place = 0; place < probabilities.length; place++) requireNumber(probabilities[place] as number, place);
  return probabilities;
}
