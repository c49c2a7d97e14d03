import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassCodes } from "../metrics/answered-rows.ts";

interface Kind<Values> {
  new (length: number): Values;
}

/** Factor by which an array grows when a stream has more rows than estimated. */
const GROWTH = 1.5;

/**
 * Returns an array with capacity for that many values: the given one, or a larger copy. A stream's number of rows is known only at its end. Unused
 * capacity takes no physical memory.
 */
export function withCapacity<Values extends FloatArray | ClassCodes>(values: Values, length: number): Values {
  if (length <= values.length) return values;
  const larger = new (values.constructor as Kind<Values>)(Math.max(length, Math.ceil(values.length * GROWTH)));
  larger.set(values);
  return larger;
}

/** Returns codes with a type that can distinguish that many classes: the given ones, or a wider copy. */
export const codesFor = (classes: number, codes: ClassCodes): ClassCodes =>
  classes <= 256 || codes instanceof Int32Array ? codes : Int32Array.from(codes);
