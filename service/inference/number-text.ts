const [ZERO, DOT] = [0x30, 0x2e];

/** Maximum bytes of a number's text, such as -1.1754943508222875e-38, rounded up. */
export const LONGEST_NUMBER = 25;

/** Writes an integer as JSON to bytes, at an offset with LONGEST_NUMBER bytes of space. Returns the offset after it. */
export function putInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0 || value > 9) return putText(bytes, at, `${value}`);
  bytes[at] = ZERO + value;
  return at + 1;
}

/**
 * Writes a finite float32 in the same way. Nine significant digits identify any float32: Math.fround of the text returns the value. JavaScript's own
 * conversion is for doubles: it writes up to 17 digits and takes ten times as long.
 */
export function putFloat32(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  // The products below are exact: a float32's 24 bits and at most 28 bits of a power of five fit in a double's 53 bits.
  let digits: number;
  let zeros: number;
  // Zero and one, the most frequent integers, are exact.
  if (!(value >= 0.001 && value < 1))
    return putText(bytes, at, Number.isInteger(value) ? numberText(value) : `${Number(value.toPrecision(9))}`);
  if (value >= 0.1) {
    digits = Math.round(value * 1e9);
    zeros = 0;
  } else if (value >= 0.01) {
    digits = Math.round(value * 1e10);
    zeros = 1;
  } else {
    digits = Math.round(value * 1e11);
    zeros = 2;
  }
  bytes[next++] = ZERO;
  bytes[next++] = DOT;
  for (; zeros > 0; zeros--) bytes[next++] = ZERO;
  let rest = digits | 0;
  for (let position = next + 8; position >= next; position--) {
    const tens = (rest / 10) | 0;
    bytes[position] = ZERO + rest - tens * 10;
    rest = tens;
  }
  next += 9;
  while (bytes[next - 1] === ZERO) next--;
  return next;
}

/** Writes a double in the same way, with JavaScript's own conversion, which parses to the same value. */
export const putFloat64 = (bytes: Uint8Array, at: number, value: number): number =>
  putText(bytes, at, numberText(value));

/** Converts a number as JavaScript does, but keeps the sign of minus zero. */
export const numberText = (value: number): string => (Object.is(value, -0) ? "-0.0" : `${value}`);

function putText(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
