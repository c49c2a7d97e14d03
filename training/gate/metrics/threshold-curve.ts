import type { FloatArray } from "../../../data/number-array.ts";
import { type BinaryRows, type ClassCodes, oncePer } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";
import { plainCurve } from "./plain-curve.ts";

/** A binary classifier's rows in descending order of the score: the basis of all curves and areas, independent of weights. */
export interface ScoreOrder {
  readonly order: Uint32Array;
  /** By position in the order: 1 for a row of the positive class, plus 2 for the last row with its score. */
  readonly marks: Uint8Array;
  /** Number of distinct scores. */
  readonly points: number;
}

/** For each distinct score, in descending order: cumulative weight of positive rows (true positives at that threshold) and of negative rows. */
export interface ThresholdCurve {
  readonly truePositives: Float64Array | Uint32Array;
  readonly falsePositives: Float64Array | Uint32Array;
}

const POSITIVE = 1;
const LAST = 2;

/** Larger curves are recomputed instead of cached: they take 8 bytes per point. */
const KEPT_POINTS = 1 << 22;

/**
 * Sorts the scores, and caches the result for the lifetime of the labels if it is small enough.
 * @param weights one per row; without them, every row counts once
 * @throws RangeError for rows without scores, and for a score that is NaN
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

/** float32 scores are sorted without row indexes, which takes half the memory and less time. */
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

/** Keyed by the scores: two models may share the labels. */
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
