import { emptyLike, type FloatArray } from "../../../data/number-array.ts";
import type { MulticlassRows } from "./answered-rows.ts";
import { descendingOrder } from "./descending-order.ts";

/** Each class's probabilities for its own rows, in descending order, with cumulative weights. */
export class OwnScores {
  /** Weight of the rows by true class. */
  readonly weights: Float64Array;
  readonly #classes: readonly Ranked[];

  /** @param weights one per row; without them, every row counts once */
  constructor({ rows, classes, labels }: MulticlassRows, probabilities: FloatArray, weights?: ArrayLike<number>) {
    const width = classes.length;
    this.#classes = rowsByClass(labels, rows, width).map((own, index) => {
      const scores = emptyLike(probabilities, own.length);
      for (const [position, row] of own.entries()) scores[position] = probabilities[row * width + index] as number;
      return rankedScores(own, scores, (position) => (weights ? (weights[own[position] as number] as number) : 1));
    });
    this.weights = Float64Array.from(this.#classes, ({ before }) => before.at(-1) as number);
  }

  /**
   * Ranks a row of another class among the class's own rows.
   * @param weight added to `below` of own rows with a higher probability; half of it is added to own rows with an equal one
   * @returns the weight of own rows with a higher probability, plus half the weight of own rows with an equal one
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

  /** Yields the class's own rows, each with the weight of the ranked rows with a lower probability, plus half the weight of rows with an equal one. */
  *ranked(index: number): Generator<{ readonly row: number; readonly below: number }> {
    const { lower, rows } = this.#classes[index] as Ranked;
    let below = 0;
    for (let position = rows.length - 1; position >= 0; position--) {
      below += lower[position + 1] as number;
      yield { row: rows[position] as number, below };
    }
  }
}

interface Ranked {
  /** In descending order. */
  readonly scores: FloatArray;
  /** Cumulative weight before each position, and the total at the end. */
  readonly before: Float64Array;
  /** Position of the first score of each bucket, so that a search starts near its result. */
  readonly starts: Uint32Array;
  readonly buckets: number;
  /** Row of the snapshot, by position. */
  readonly rows: Uint32Array;
  /** Half the weight of ranked rows below all positions before this one, plus half the weight of rows below or equal to them. */
  readonly lower: Float64Array;
}

/** Number of scores per bucket if they are evenly distributed. */
const ROWS_PER_BUCKET = 4;

/** Returns the bucket of a score: equal parts of 0 to 1, in descending order. */
const bucketOf = (score: number, buckets: number): number =>
  Math.min(buckets - 1, Math.max(0, Math.floor((1 - score) * buckets)));

function rankedScores(own: Uint32Array, unsorted: FloatArray, weightOf: (position: number) => number): Ranked {
  const scores = emptyLike(unsorted, own.length);
  const rows = new Uint32Array(own.length);
  const before = new Float64Array(own.length + 1);
  const buckets = Math.max(1, Math.floor(own.length / ROWS_PER_BUCKET));
  const starts = new Uint32Array(buckets + 1).fill(own.length);
  let next = 0;
  for (const [position, at] of descendingOrder(unsorted).entries()) {
    const score = unsorted[at] as number;
    scores[position] = score;
    rows[position] = own[at] as number;
    before[position + 1] = (before[position] as number) + weightOf(at);
    for (const bucket = bucketOf(score, buckets); next <= bucket; next++) starts[next] = position;
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
    const position = counts[label] as number;
    (byClass[label] as Uint32Array)[position] = row;
    counts[label] = position + 1;
  }
  return byClass;
}
