import type { BinaryRows } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";
import { oncePer } from "./once-per.ts";

/** A binary classifier's rows from the highest score down: what all its curves and their areas are made of, before any weights. */
export interface ScoreOrder {
  readonly order: Uint32Array;
  /** By place in the order: 1 for a row of the positive class, plus 2 for the last row of its score. */
  readonly marks: Uint8Array;
  /** Number of distinct scores. */
  readonly points: number;
}

/** After each distinct score, from the highest down: the weight of the positive (true positives at that threshold) and of the negative rows so far. */
export interface ThresholdCurve {
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

const POSITIVE = 1;
const LAST = 2;

/**
 * Sorts once, and keeps the order for as long as the labels are there.
 * @throws RangeError for rows without scores, and for a score that is not a number
 */
export function scoreOrder({ labels, scores, positive }: BinaryRows): ScoreOrder {
  const ranked = scores ?? positive;
  if (!ranked) throw new RangeError("the model gives no scores: its rows have no order");
  const orders = ordersOf(labels);
  const order = orders.get(ranked) ?? sortScores(labels, ranked);
  orders.set(ranked, order);
  return order;
}

/** By the scores: two models may answer the same rows. */
const ordersOf = oncePer((_: Int32Array) => new WeakMap<Float64Array, ScoreOrder>());

function sortScores(labels: Int32Array, ranked: Float64Array): ScoreOrder {
  const order = descendingOrder(ranked);
  const marks = new Uint8Array(order.length);
  let points = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] as number;
    const last = place + 1 === order.length || ranked[order[place + 1] as number] !== ranked[row];
    marks[place] = (labels[row] === 1 ? POSITIVE : 0) | (last ? LAST : 0);
    if (last) points++;
  }
  return { order, marks, points };
}

export function thresholdCurve({ order, marks, points }: ScoreOrder, weights?: ArrayLike<number>): ThresholdCurve {
  const truePositives = new Float64Array(points);
  const falsePositives = new Float64Array(points);
  let [tp, fp, point] = [0, 0, 0];
  for (let place = 0; place < marks.length; place++) {
    const weight = weights ? (weights[order[place] as number] as number) : 1;
    const mark = marks[place] as number;
    if (mark & POSITIVE) tp += weight;
    else fp += weight;
    if (mark & LAST) {
      truePositives[point] = tp;
      falsePositives[point++] = fp;
    }
  }
  return { truePositives, falsePositives };
}
