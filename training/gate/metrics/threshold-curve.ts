import type { FloatArray } from "../../../data/number-array.ts";
import type { BinaryRows, ClassCodes } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";
import { oncePer } from "./once-per.ts";
import { plainCurve } from "./plain-curve.ts";

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
  readonly truePositives: Float64Array | Uint32Array;
  readonly falsePositives: Float64Array | Uint32Array;
}

const POSITIVE = 1;
const LAST = 2;

/** Curves of more points are made again rather than kept: they take 8 bytes a point. */
const KEPT_POINTS = 1 << 22;

/**
 * Sorts the scores, and keeps what it can for as long as the labels are there.
 * @param weights one a row; every row counts once without them
 * @throws RangeError for rows without scores, and for a score that is not a number
 */
export function thresholdCurve(rows: BinaryRows, weights?: ArrayLike<number>): ThresholdCurve {
  const scores = rankedBy(rows);
  if (weights) return weighted(scoreOrder(rows), weights);
  const { labels } = rows;
  const known = plainCurvesOf(labels);
  const curve = known.get(scores) ?? unweighted(labels, scores, rows);
  if (curve.truePositives.length <= KEPT_POINTS) known.set(scores, curve);
  return curve;
}

/** Scores in float32 are sorted without their rows, which takes half the memory and less time. */
const unweighted = (labels: ClassCodes, scores: FloatArray, rows: BinaryRows): ThresholdCurve =>
  scores instanceof Float32Array ? plainCurve(labels, scores) : weighted(scoreOrder(rows));

/**
 * Sorts the rows once, and keeps the order for as long as the labels are there.
 * @throws RangeError for rows without scores, and for a score that is not a number
 */
export function scoreOrder(rows: BinaryRows): ScoreOrder {
  const { labels } = rows;
  const scores = rankedBy(rows);
  const orders = ordersOf(labels);
  const order = orders.get(scores) ?? sortScores(labels, scores);
  orders.set(scores, order);
  return order;
}

function rankedBy({ scores, positive }: BinaryRows): FloatArray {
  const ranked = scores ?? positive;
  if (!ranked) throw new RangeError("the model gives no scores: its rows have no order");
  return ranked;
}

/** By the scores: two models may answer the same rows. */
const ordersOf = oncePer((_: ClassCodes) => new WeakMap<FloatArray, ScoreOrder>());
const plainCurvesOf = oncePer((_: ClassCodes) => new WeakMap<FloatArray, ThresholdCurve>());

function sortScores(labels: ClassCodes, ranked: FloatArray): ScoreOrder {
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

function weighted({ order, marks, points }: ScoreOrder, weights?: ArrayLike<number>): ThresholdCurve {
  const truePositives = new Float64Array(points);
  const falsePositives = new Float64Array(points);
  let tp = 0;
  let fp = 0;
  let point = 0;
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
