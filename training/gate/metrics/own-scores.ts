import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { MulticlassRows } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";

/** For each class, its probabilities in its own rows, in descending order, with cumulative weights. */
export class OwnScores {
  /** Weight of the rows by true class. */
  readonly weights: Float64Array;
  readonly #classes: readonly Ranked[];

  /** @param weights one per row; without them, every row counts once */
  constructor({ rows, classes, labels }: MulticlassRows, probabilities: FloatArray, weights?: ArrayLike<number>) {
    const width = classes.length;
    this.#classes = rowsByClass(labels, rows, width).map((own, index) => {
      const scores = emptyLike(probabilities, own.length);
      for (const [place, row] of own.entries()) scores[place] = probabilities[row * width + index] as number;
      return rankedScores(own, scores, (place) => (weights ? (weights[own[place] as number] as number) : 1));
    });
    this.weights = Float64Array.from(this.#classes, ({ before }) => before.at(-1) as number);
  }

  /**
   * Ranks a row of another class.
   * @param weight added to `below` of the class's own rows with a higher probability, and half of it to those with an equal one
   * @returns the weight of the class's own rows with a higher probability, plus half of that of rows with an equal one
   */
  rank(index: number, score: number, weight = 0): number {
    const { scores, before, starts, buckets, lower } = this.#classes[index] as Ranked;
    const bucket = bucketOf(score, buckets);
    const end = starts[bucket + 1] as number;
    let [first, high] = [starts[bucket] as number, end];
    while (first < high) {
      const middle = (first + high) >>> 1;
      if ((scores[middle] as number) <= score) high = middle;
      else first = middle + 1;
    }
    let last = first;
    if (first < end && scores[first] === score) {
      high = end;
      while (last < high) {
        const middle = (last + high) >>> 1;
        if ((scores[middle] as number) < score) high = middle;
        else last = middle + 1;
      }
    }
    lower[first] = (lower[first] as number) + weight / 2;
    lower[last] = (lower[last] as number) + weight / 2;
    return ((before[first] as number) + (before[last] as number)) / 2;
  }

  /** The class's own rows, each with the weight of the ranked rows with a lower probability, plus half of that of rows with an equal one. */
  *ranked(index: number): Generator<{ readonly row: number; readonly below: number }> {
    const { lower, rows } = this.#classes[index] as Ranked;
    let below = 0;
    for (let place = rows.length - 1; place >= 0; place--) {
      below += lower[place + 1] as number;
      yield { row: rows[place] as number, below };
    }
  }
}

interface Ranked {
  /** In descending order. */
  readonly scores: FloatArray;
  /** Cumulative weight before each position, and the total at the end. */
  readonly before: Float64Array;
  /** Position of the first score of each bucket: a search starts near its result. */
  readonly starts: Uint32Array;
  readonly buckets: number;
  /** Rows of the snapshot, by position. */
  readonly rows: Uint32Array;
  /** Half the weight of ranked rows below all positions before this one, plus half of that of rows below or equal to them. */
  readonly lower: Float64Array;
}

/** A few scores per bucket, if they are evenly distributed. */
const ROWS_A_BUCKET = 4;

/** Equal parts of 0 to 1, in descending order. */
const bucketOf = (score: number, buckets: number): number =>
  Math.min(buckets - 1, Math.max(0, Math.floor((1 - score) * buckets)));

function rankedScores(own: Uint32Array, unsorted: FloatArray, weightOf: (place: number) => number): Ranked {
  const scores = emptyLike(unsorted, own.length);
  const rows = new Uint32Array(own.length);
  const before = new Float64Array(own.length + 1);
  const buckets = Math.max(1, Math.floor(own.length / ROWS_A_BUCKET));
  const starts = new Uint32Array(buckets + 1).fill(own.length);
  let next = 0;
  for (const [place, at] of descendingOrder(unsorted).entries()) {
    const score = unsorted[at] as number;
    scores[place] = score;
    rows[place] = own[at] as number;
    before[place + 1] = (before[place] as number) + weightOf(at);
    for (const bucket = bucketOf(score, buckets); next <= bucket; next++) starts[next] = place;
  }
  return { scores, before, starts, buckets, rows, lower: new Float64Array(own.length + 1) };
}

function rowsByClass(labels: ArrayLike<number>, rows: number, classes: number): readonly Uint32Array[] {
  const counts = new Uint32Array(classes);
  for (let row = 0; row < rows; row++) counts[labels[row] as number] = (counts[labels[row] as number] as number) + 1;
  const byClass = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < rows; row++) {
    const label = labels[row] as number;
    const place = counts[label] as number;
    (byClass[label] as Uint32Array)[place] = row;
    counts[label] = place + 1;
  }
  return byClass;
}
