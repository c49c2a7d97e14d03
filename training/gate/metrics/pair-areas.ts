import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { MulticlassRows } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";
import { oncePer } from "./once-per.ts";

/**
 * How often the probability of a class stands higher in a row of that class than in a row of another: for each pair of classes, the weight of
 * such pairs of rows, ties counting half. ROC AUC one-vs-one and one-vs-rest are both made of these.
 */
export interface PairAreas {
  /** Row-major, classes x classes: [class whose probability it is, other class]. */
  readonly areas: Float64Array;
  /** Weight of the rows by true class. */
  readonly weights: Float64Array;
}

const ordersOf = oncePer<MulticlassRows, (Uint32Array | undefined)[]>(() => []);

/**
 * Sorts each class's column once for each object of rows, then walks it once whatever the number of classes: a sort for every pair would
 * take that many times as long.
 * @throws RangeError for rows without probabilities
 */
export function pairAreas(rows: MulticlassRows, weights?: ArrayLike<number>): PairAreas {
  const { labels, probabilities } = rows;
  if (!probabilities) throw new RangeError("the model gives no probabilities: its rows have no order");
  const classes = rows.classes.length;
  const areas = new Float64Array(classes * classes);
  const totals = new Float64Array(classes);
  for (let row = 0; row < rows.rows; row++) {
    const label = labels[row] as number;
    totals[label] = (totals[label] as number) + (weights ? (weights[row] as number) : 1);
  }
  for (let own = 0; own < classes; own++) {
    const order = orderOf(rows, probabilities, own);
    let [above, start] = [0, 0];
    while (start < order.length) {
      const score = probabilities[(order[start] as number) * classes + own];
      let end = start;
      let tied = 0;
      for (; end < order.length && probabilities[(order[end] as number) * classes + own] === score; end++)
        if (labels[order[end] as number] === own) tied += weights ? (weights[order[end] as number] as number) : 1;
      for (let place = start; place < end; place++) {
        const row = order[place] as number;
        const cell = own * classes + (labels[row] as number);
        areas[cell] = (areas[cell] as number) + (weights ? (weights[row] as number) : 1) * (above + tied / 2);
      }
      above += tied;
      start = end;
    }
  }
  return { areas, weights: totals };
}

function orderOf(rows: MulticlassRows, probabilities: FloatArray, own: number): Uint32Array {
  const known = ordersOf(rows);
  const classes = rows.classes.length;
  known[own] ??= descendingOrder(columnOf(probabilities, rows.rows, classes, own));
  return known[own];
}

function columnOf(probabilities: FloatArray, rows: number, classes: number, own: number): FloatArray {
  const column = emptyLike(probabilities, rows);
  for (let row = 0; row < rows; row++) column[row] = probabilities[row * classes + own] as number;
  return column;
}
