import type { FloatArray } from "../../../data/number-array.ts";
import type { ClassCodes } from "../metrics/answered-rows.ts";

interface Kind<Values> {
  new (length: number): Values;
}

/** How many rows a stream says more of than there is room for are made room for. */
const GROWTH = 1.5;

/**
 * Gives an array with room for so many values: the given one, or a larger copy. Rows of a stream are counted by its end only. Room that is never written to
 * takes no memory.
 */
export function withRoom<Values extends FloatArray | ClassCodes>(values: Values, length: number): Values {
  if (length <= values.length) return values;
  const larger = new (values.constructor as Kind<Values>)(Math.max(length, Math.ceil(values.length * GROWTH)));
  larger.set(values);
  return larger;
}

/** Gives codes that can tell so many classes apart: the given ones, or the same in a wider type. */
export const codesFor = (classes: number, codes: ClassCodes): ClassCodes =>
  classes <= 256 || codes instanceof Int32Array ? codes : Int32Array.from(codes);
