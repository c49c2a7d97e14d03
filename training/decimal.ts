/** 10^0 to 10^22: the powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
export const MAX_POWER = POWERS.length - 1;

/** Veltkamp's constant 2^27 + 1: splits a float64 into two halves whose products are exact. */
const SPLITTER = 134_217_729;
/** Well above the relative error of the quotient below, which is about 2^-104. */
const UNCERTAINTY = 2 ** -98;

/** The part of a * b that its float64 lacks: a * b = product + error, exactly (Dekker 1971, TwoProduct). */
function productError(a: number, b: number, product: number): number {
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * The float64 nearest to `(head * 10^tailDigits + tail) * 10^exponent`, as Number() would read it; NaN where this quick way
 * cannot tell which of two neighbours is nearer: ask Number() then.
 *
 * Up to 15 digits are exact in one step (Clinger 1990). Longer ones are computed with twice the precision, and taken only when
 * nothing within the error bound rounds otherwise (Ziv's rounding test, 1991).
 * @param head integer below 10^15
 * @param tail integer of `tailDigits` (0 to 7) digits that follow it
 * @param exponent -22 to 22
 */
export function nearestDouble(head: number, tail: number, tailDigits: number, exponent: number): number {
  const scale = POWERS[exponent < 0 ? -exponent : exponent] as number;
  if (tailDigits === 0) return exponent < 0 ? head / scale : head * scale;
  const shift = POWERS[tailDigits] as number;
  const product = head * shift;
  const high = product + tail;
  // |product| > |tail|, so this is the exact rest of the sum (FastTwoSum).
  const low = tail - (high - product) + productError(head, shift, product);
  let first: number;
  let rest: number;
  if (exponent < 0) {
    first = high / scale;
    const back = first * scale;
    rest = (high - back - productError(first, scale, back) + low) / scale;
  } else {
    first = high * scale;
    rest = productError(high, scale, first) + low * scale;
  }
  const value = first + rest;
  const residue = rest - (value - first);
  const doubt = value * UNCERTAINTY;
  return value + (residue + doubt) === value && value + (residue - doubt) === value ? value : Number.NaN;
}
