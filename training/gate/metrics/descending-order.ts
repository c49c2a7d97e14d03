import type { FloatArray } from "../../../data/number-array.ts";
import { descendingKey, requireNumber } from "./float-keys.ts";

const BUCKETS = 1 << 16;

/** With fewer rows, a comparison sort is faster than clearing the buckets. */
const MIN_RADIX_ROWS = 8_192;

/**
 * Returns row indexes in descending order of the values, ties in row order. Sorts the values rounded to float32 in two passes (radix sort),
 * which is exact for most models' scores, and then sorts runs of values that only float64 distinguishes. Several times faster than sorting
 * indexes with a comparator.
 * @throws RangeError for NaN
 */
export function descendingOrder(values: FloatArray): Uint32Array {
  if (values.length < MIN_RADIX_ROWS) return byComparison(values);
  const keys = descendingKeys(values);
  const order = bySixteenBits(keys, 16, bySixteenBits(keys, 0));
  if (values instanceof Float64Array) sortRuns(order, keys, values);
  return order;
}

function byComparison(values: FloatArray): Uint32Array {
  for (const [row, value] of values.entries()) requireNumber(value, row);
  const order = Uint32Array.from({ length: values.length }, (_, row) => row);
  return order.sort((a, b) => descending(values[a] as number, values[b] as number));
}

/** Compares instead of subtracting, because the difference of two infinities is NaN. */
const descending = (a: number, b: number): number => (a === b ? 0 : b > a ? 1 : -1);

/** Returns the bits of the values as float32, as integers that increase as the value decreases. */
function descendingKeys(values: FloatArray): Uint32Array {
  const rows = values.length;
  const keys = new Uint32Array(rows);
  const floats = new Float32Array(keys.buffer);
  for (let row = 0; row < rows; row++) {
    const value = values[row] as number;
    requireNumber(value, row);
    // Adding 0 turns -0 into 0.
    floats[row] = value + 0;
    keys[row] = descendingKey(keys[row] as number);
  }
  return keys;
}

/** Runs one pass of the radix sort. Keeps the order of `before` among rows with equal bits from `shift` to `shift` + 15. */
function bySixteenBits(keys: Uint32Array, shift: number, before?: Uint32Array): Uint32Array {
  const rows = keys.length;
  const offsets = new Uint32Array(BUCKETS + 1);
  for (let row = 0; row < rows; row++) {
    const bucket = (((keys[row] as number) >>> shift) & 0xffff) + 1;
    offsets[bucket] = (offsets[bucket] as number) + 1;
  }
  for (let bucket = 1; bucket < BUCKETS; bucket++)
    offsets[bucket] = (offsets[bucket] as number) + (offsets[bucket - 1] as number);
  const after = new Uint32Array(rows);
  for (let index = 0; index < rows; index++) {
    const row = before ? (before[index] as number) : index;
    const bucket = ((keys[row] as number) >>> shift) & 0xffff;
    const to = offsets[bucket] as number;
    after[to] = row;
    offsets[bucket] = to + 1;
  }
  return after;
}

/** Sorts rows with equal keys but different values. */
function sortRuns(order: Uint32Array, keys: Uint32Array, values: FloatArray): void {
  let start = 0;
  let differ = false;
  for (let index = 1; index <= order.length; index++) {
    const [row, before] = [order[index], order[index - 1] as number];
    if (row !== undefined && keys[row] === keys[before]) {
      differ ||= values[row] !== values[before];
      continue;
    }
    // The sort is stable: tied rows keep their order.
    if (differ) order.subarray(start, index).sort((a, b) => descending(values[a] as number, values[b] as number));
    [start, differ] = [index, false];
  }
}
