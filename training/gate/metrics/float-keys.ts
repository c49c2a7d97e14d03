const SIGN = 0x80000000;

/** Maps the bits of a float32 to an integer that grows as the float falls. */
export const descendingKey = (bits: number): number => (bits & SIGN ? bits : ~bits & 0x7fffffff) >>> 0;

/** @throws RangeError for a score that is not a number */
export function requireNumber(value: number, row: number): void {
  if (Number.isNaN(value)) throw new RangeError(`the score of row ${row} is not a number`);
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Sorts keys in ascending order (radix sort). @param room scratch array of the same length; its content is lost */
export function sortKeys(keys: Uint32Array, room: Uint32Array): void {
  const counts = countDigits(keys);
  let [from, to] = [keys, room];
  for (const [pass, places] of counts.entries()) {
    const shift = pass * DIGIT_BITS;
    // Scores between 0 and 1 rarely use the highest digits.
    if (places.includes(keys.length)) continue;
    let place = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = places[digit] as number;
      places[digit] = place;
      place += count;
    }
    for (let index = 0; index < from.length; index++) {
      const key = from[index] as number;
      const digit = (key >>> shift) & (DIGITS - 1);
      const at = places[digit] as number;
      to[at] = key;
      places[digit] = at + 1;
    }
    [from, to] = [to, from];
  }
  if (from !== keys) keys.set(from);
}

/** How many keys have each digit, from the lowest place up. */
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
