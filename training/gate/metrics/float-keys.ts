const SIGN = 0x80000000;

/** Maps the bits of a float32 to an integer that increases as the float decreases. */
export const descendingKey = (bits: number): number => (bits & SIGN ? bits : ~bits & 0x7fffffff) >>> 0;

/** Rejects NaN. @throws RangeError that names the row */
export function requireNumber(value: number, row: number): void {
  if (Number.isNaN(value)) throw new RangeError(`the score of row ${row} is not a number`);
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Sorts keys in place, in ascending order (radix sort). @param scratch array of the same length, which is overwritten */
export function sortKeys(keys: Uint32Array, scratch: Uint32Array): void {
  const counts = countDigits(keys);
  let [from, to] = [keys, scratch];
  for (const [pass, offsets] of counts.entries()) {
    const shift = pass * DIGIT_BITS;
    // Scores between 0 and 1 rarely use the highest digits.
    if (offsets.includes(keys.length)) continue;
    let offset = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = offsets[digit] as number;
      offsets[digit] = offset;
      offset += count;
    }
    for (let index = 0; index < from.length; index++) {
      const key = from[index] as number;
      const digit = (key >>> shift) & (DIGITS - 1);
      const at = offsets[digit] as number;
      to[at] = key;
      offsets[digit] = at + 1;
    }
    [from, to] = [to, from];
  }
  if (from !== keys) keys.set(from);
}

/** Counts the keys with each value of each digit, lowest digit first. */
function countDigits(keys: Uint32Array): readonly Uint32Array[] {
  const low = new Uint32Array(DIGITS);
  const middle = new Uint32Array(DIGITS);
  const high = new Uint32Array(DIGITS);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as number;
    count(low, key & (DIGITS - 1));
    count(middle, (key >>> DIGIT_BITS) & (DIGITS - 1));
    count(high, key >>> (2 * DIGIT_BITS));
  }
  return [low, middle, high];
}

function count(counts: Uint32Array, digit: number): void {
  counts[digit] = (counts[digit] as number) + 1;
}
