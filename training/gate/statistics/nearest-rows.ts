/** Minimum number of rows to average for a prediction. For a repeated value, such as a category, all its rows are averaged. */
const NEIGHBORS = 5;

/**
 * Predicts targets from a single column, as the mean target of at least NEIGHBORS rows with the nearest values. Detects any function of one
 * column, monotone or not, but learns nothing from unique values such as a key.
 */
export class NearestRows {
  /** Rows in order of their values, missing values last. */
  readonly #order: Uint32Array;
  /** Start and end of the neighbors in that order, for each row to predict. */
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;

  /**
   * @param known values of the rows with known targets; NaN for a missing value, which counts as a value
   * @param queries values of the rows to predict
   * @param isNumeric false for category codes, which have no neighbors
   */
  constructor(known: Float64Array, queries: Float64Array, isNumeric: boolean) {
    const valueAt = (row: number) => known[row] as number;
    this.#order = Uint32Array.from(known.keys()).sort((a, b) => {
      const [one, other] = [valueAt(a), valueAt(b)];
      return Number.isNaN(one) || Number.isNaN(other)
        ? Number(Number.isNaN(one)) - Number(Number.isNaN(other))
        : one - other;
    });
    const sorted = Float64Array.from(this.#order, valueAt);
    const firstMissing = sorted.findIndex(Number.isNaN);
    const values = firstMissing < 0 ? sorted : sorted.subarray(0, firstMissing);
    const ranges = Array.from(queries, (value): readonly [number, number] => {
      if (Number.isNaN(value)) return [values.length, sorted.length];
      const [from, to] = [firstAbove(values, value, false), firstAbove(values, value, true)];
      return isNumeric ? widened(values, value, from, to) : [from, to];
    });
    this.#from = Uint32Array.from(ranges, ([from]) => from);
    this.#to = Uint32Array.from(ranges, ([, to]) => to);
  }

  /** Predicts the rows, with the overall mean if no row has the value. @param targets of the rows with known targets */
  means(targets: Float64Array): Float64Array {
    const sums = new Float64Array(targets.length + 1);
    for (const [index, row] of this.#order.entries())
      sums[index + 1] = (sums[index] as number) + (targets[row] as number);
    const all = (sums.at(-1) as number) / Math.max(1, targets.length);
    return Float64Array.from(this.#from, (from, query) => {
      const to = this.#to[query] as number;
      return from === to ? all : ((sums[to] as number) - (sums[from] as number)) / (to - from);
    });
  }
}

/** Adds the nearer neighbor, with all rows of its value, until there are enough rows. */
function widened(values: Float64Array, value: number, from: number, to: number): readonly [number, number] {
  let [start, end] = [from, to];
  while (end - start < NEIGHBORS && (start > 0 || end < values.length)) {
    const [below, above] = [values[start - 1] ?? Number.NEGATIVE_INFINITY, values[end] ?? Number.POSITIVE_INFINITY];
    if (end < values.length && above - value <= value - below) end = firstAbove(values, above, true);
    else start = firstAbove(values, below, false);
  }
  return [start, end];
}

/** Finds the position of the first larger value, or, if `isStrict` is false, of the first value that is not smaller. */
function firstAbove(values: Float64Array, value: number, isStrict: boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = values[middle] as number;
    if (one < value || (isStrict && one === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
