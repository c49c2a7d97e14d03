import type { FloatArray } from "../../../data/number-array.ts";
import { type BinaryRows, type ClassCodes, oncePer } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";
import { plainCurve } from "./plain-curve.ts";

/** A binary classifier's rows in descending order of the score. All curves and areas are based on it; it does not depend on weights. */
export interface ScoreOrder {
  readonly order: Uint32Array;
  /** By position in the order: 1 for a row of the positive class, plus 2 for the last row with its score. */
  readonly marks: Uint8Array;
  /** Number of distinct scores. */
  readonly points: number;
}

/** Cumulative weight of positive rows (the true positives at that threshold) and of negative rows, for each distinct score in descending order. */
export interface ThresholdCurve {
  readonly truePositives: Float64Array | Uint32Array;
  readonly falsePositives: Float64Array | Uint32Array;
}

const POSITIVE = 1;
const LAST = 2;

/** Larger curves are recomputed instead of cached, because they take 8 bytes per point. */
const MAX_CACHED_POINTS = 1 << 22;

/**
 * Computes the threshold curve. Caches it for the lifetime of the labels if it has no weights and is small enough.
 * @param weights one per row; without them, every row counts once
 * @throws RangeError for rows without scores, and for a score that is NaN
 */
export function thresholdCurve(rows: BinaryRows, weights?: ArrayLike<number>): ThresholdCurve {
  const scores = rankedBy(rows);
  if (weights) return weighted(scoreOrder(rows), weights);
  const { labels } = rows;
  const cache = plainCurvesOf(labels);
  const curve = cache.get(scores) ?? unweighted(labels, scores, rows);
  if (curve.truePositives.length <= MAX_CACHED_POINTS) cache.set(scores, curve);
  return curve;
}

/** Sorts float32 scores without row indexes, which takes half the memory and less time. */
const unweighted = (labels: ClassCodes, scores: FloatArray, rows: BinaryRows): ThresholdCurve =>
  scores instanceof Float32Array ? plainCurve(labels, scores) : weighted(scoreOrder(rows));

/**
 * Sorts the rows once and caches the order for the lifetime of the labels.
 * @throws RangeError for rows without scores, and for a score that is NaN
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
  if (!ranked) throw new RangeError("the model returns no scores to rank the rows by");
  return ranked;
}

/** Caches are keyed by the scores too, because two models may share the labels. */
const ordersOf = oncePer((_: ClassCodes) => new WeakMap<FloatArray, ScoreOrder>());
const plainCurvesOf = oncePer((_: ClassCodes) => new WeakMap<FloatArray, ThresholdCurve>());

function sortScores(labels: ClassCodes, ranked: FloatArray): ScoreOrder {
  const order = descendingOrder(ranked);
  const marks = new Uint8Array(order.length);
  let points = 0;
  for (let index = 0; index < order.length; index++) {
    const row = order[index] as number;
    const last = index + 1 === order.length || ranked[order[index + 1] as number] !== ranked[row];
    marks[index] = (labels[row] === 1 ? POSITIVE : 0) | (last ? LAST : 0);
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
  for (let index = 0; index < marks.length; index++) {
    const weight = weights ? (weights[order[index] as number] as number) : 1;
    const mark = marks[index] as number;
    if (mark & POSITIVE) tp += weight;
    else fp += weight;
    if (mark & LAST) {
      truePositives[point] = tp;
      falsePositives[point++] = fp;
    }
  }
  return { truePositives, falsePositives };
}
