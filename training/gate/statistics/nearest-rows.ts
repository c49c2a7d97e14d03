/** Rows that a prediction is the mean of. Values that repeat, as categories do, are the mean of all rows that have them. */
const NEIGHBOURS = 5;

/**
 * Predicts targets from a single column: the mean target of the rows whose values are nearest, at least NEIGHBOURS of them. It finds any function of one
 * column, monotone or not, and knows nothing of a value that is like none before, such as a key.
 */
export class NearestRows {
  /** Rows by their values, those without one last. */
  readonly #order: Uint32Array;
  /** Of each asked row, where its neighbours begin and end in that order. */
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;

  /**
   * @param known values of the rows whose targets are known; NaN for a missing value, which is a value of its own
   * @param asked values of the rows that are predicted
   * @param isNumeric false for codes of categories, of which none is near another
   */
  constructor(known: Float64Array, asked: Float64Array, isNumeric: boolean) {
    const rank = (row: number) => known[row] as number;
    this.#order = Uint32Array.from(known.keys()).sort((a, b) => {
      const [one, other] = [rank(a), rank(b)];
      return Number.isNaN(one) || Number.isNaN(other)
        ? Number(Number.isNaN(one)) - Number(Number.isNaN(other))
        : one - other;
    });
    const sorted = Float64Array.from(this.#order, rank);
    const firstMissing = sorted.findIndex(Number.isNaN);
    const values = firstMissing < 0 ? sorted : sorted.subarray(0, firstMissing);
    const ranges = Array.from(asked, (value): readonly [number, number] => {
      if (Number.isNaN(value)) return [values.length, sorted.length];
      const [from, to] = [firstAbove(values, value, false), firstAbove(values, value, true)];
      return isNumeric ? widened(values, value, from, to) : [from, to];
    });
    this.#from = Uint32Array.from(ranges, ([from]) => from);
    this.#to = Uint32Array.from(ranges, ([, to]) => to);
  }

  /** Predicts the asked rows. Where no row has the value, the mean of all. @param targets of the known rows */
  means(targets: Float64Array): Float64Array {
    const sums = new Float64Array(targets.length + 1);
    for (const [place, row] of this.#order.entries())
      sums[place + 1] = (sums[place] as number) + (targets[row] as number);
    const all = (sums.at(-1) as number) / Math.max(1, targets.length);
    return Float64Array.from(this.#from, (from, asked) => {
      const to = this.#to[asked] as number;
      return from === to ? all : ((sums[to] as number) - (sums[from] as number)) / (to - from);
    });
  }
}

/** Takes in the nearer neighbour, with all that have its value, until there are enough. */
function widened(values: Float64Array, value: number, from: number, to: number): readonly [number, number] {
  let [start, end] = [from, to];
  while (end - start < NEIGHBOURS && (start > 0 || end < values.length)) {
    const [below, above] = [values[start - 1] ?? Number.NEGATIVE_INFINITY, values[end] ?? Number.POSITIVE_INFINITY];
    if (end < values.length && above - value <= value - below) end = firstAbove(values, above, true);
    else start = firstAbove(values, below, false);
  }
  return [start, end];
}

/** Place of the first value that is larger, or not smaller where `beyond` is false. */
function firstAbove(values: Float64Array, value: number, beyond: boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = values[middle] as number;
    if (one < value || (beyond && one === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
