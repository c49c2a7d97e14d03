/** Rows read from a body. */
export interface ScannedRows {
  /** Row-major, rows x width. */
  readonly features: Float32Array;
  readonly rows: number;
  /** JSON pointer to a row in the request. */
  readonly pointerToRow: (row: number) => string;
}

/** Members that hold a list of rows in the model's order. */
const KEYS = ["features", "instances", "inputs"].map((name) => ({ name, quoted: Buffer.from(`"${name}"`) }));

const [SPACE, PLUS, COMMA, MINUS, DOT, ZERO, COLON] = [0x20, 0x2b, 0x2c, 0x2d, 0x2e, 0x30, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const MAX_POWER = 60;
const POWERS = Float64Array.from({ length: 2 * MAX_POWER + 1 }, (_, power) => Number(`1e${power - MAX_POWER}`));
/** Far above the relative error of the arithmetic below (a few roundings of 2^-53), and far below a float32's resolution of 2^-24. */
const ERROR = 2 ** -36;
/** Maximum number of values for which memory is kept between calls. */
const MAX_KEPT = 2 ** 18;

let scratch = new Float32Array(4096);

/**
 * Reads `{"features": [[…], …]}` (or `instances`, `inputs`) directly from the body's bytes. Most requests have this form, and for many rows, the string,
 * lists and doubles that JSON.parse creates dominate a request's cost. The float32s equal those of JSON.parse and Math.fround. Returns undefined for any
 * other body, valid or not: JSON.parse and readBodyRows then read it or report the error.
 */
export function scanRows(bytes: Buffer, width: number, maxRows: number): ScannedRows | undefined {
  const end = bytes.length;
  const lastFour = end - 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const head = headOf(bytes);
  if (!head) return undefined;
  let { at } = head;
  let count = 0;
  let rows = 0;
  do {
    at = skipSpace(bytes, at + 1);
    if (bytes[at] !== OPEN_LIST || rows === maxRows) return undefined;
    if (count + width > scratch.length) grow(count + width);
    const rowEnd = count + width;
    do {
      if (count === rowEnd) return undefined;
      let byte = bytes[++at] as number;
      if (byte <= SPACE) {
        at = skipSpace(bytes, at);
        byte = bytes[at] as number;
      }
      // One number, by JSON's grammar.
      const start = at;
      const negative = byte === MINUS;
      if (negative) byte = bytes[++at] as number;
      let digit = byte - ZERO;
      if (!(digit >= 0 && digit <= 9)) return undefined;
      let value = digit;
      let exponent = 0;
      byte = bytes[++at] as number;
      if (digit > 0)
        for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) {
          value = value * 10 + digit;
          byte = bytes[++at] as number;
        }
      if (byte === DOT) {
        const point = ++at;
        for (let four = 0; at <= lastFour; at += 4) {
          four = digitsOf(view.getInt32(at, true));
          if (four < 0) break;
          value = value * 1e4 + four;
        }
        byte = bytes[at] as number;
        for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) {
          value = value * 10 + digit;
          byte = bytes[++at] as number;
        }
        if (at === point) return undefined;
        exponent = point - at;
      }
      if (byte === 0x65 || byte === 0x45) {
        byte = bytes[++at] as number;
        const below = byte === MINUS;
        if (below || byte === PLUS) byte = bytes[++at] as number;
        const first = at;
        let power = 0;
        for (digit = byte - ZERO; digit >= 0 && digit <= 9; digit = byte - ZERO) {
          power = power * 10 + digit;
          byte = bytes[++at] as number;
        }
        if (at === first || at > first + 4) return undefined;
        exponent += below ? -power : power;
      }
      // Undefined, and so NaN, for an exponent beyond the table.
      if (exponent !== 0) value *= POWERS[exponent + MAX_POWER] as number;
      let float = Math.fround(value * (1 + ERROR));
      // If all numbers within the error round to the same float32, it is correct. Otherwise use the exact conversion.
      if (float !== Math.fround(value * (1 - ERROR)))
        float = Math.fround(Math.abs(Number(bytes.toString("latin1", start, at))));
      if (float === Number.POSITIVE_INFINITY) return undefined;
      scratch[count++] = negative ? -float : float;
      if (byte <= SPACE) at = skipSpace(bytes, at);
    } while (bytes[at] === COMMA);
    if (bytes[at] !== CLOSE_LIST || count !== rowEnd) return undefined;
    rows++;
    at = skipSpace(bytes, at + 1);
  } while (bytes[at] === COMMA);
  if (bytes[at] !== CLOSE_LIST) return undefined;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] !== CLOSE_OBJECT || skipSpace(bytes, at + 1) !== end) return undefined;
  const features = scratch.slice(0, count);
  if (scratch.length > MAX_KEPT) scratch = new Float32Array(4096);
  return { features, rows, pointerToRow: (row) => `/${head.name}/${row}` };
}

/** Finds the start of the list of rows and the name of its member; undefined if the body begins differently. */
export function headOf(bytes: Uint8Array): { readonly name: string; readonly at: number } | undefined {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_OBJECT) return undefined;
  at = skipSpace(bytes, at + 1);
  const key = keyAt(bytes, at);
  if (!key) return undefined;
  at = skipSpace(bytes, at + key.quoted.length);
  if (bytes[at] !== COLON) return undefined;
  at = skipSpace(bytes, at + 1);
  return bytes[at] === OPEN_LIST ? { name: key.name, at } : undefined;
}

/** Skips JSON's white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[at]) at++;
  return at;
}

/** Returns the member whose quoted name begins at the offset. */
function keyAt(bytes: Uint8Array, at: number) {
  for (const key of KEYS) {
    let length = 0;
    while (length < key.quoted.length && bytes[at + length] === key.quoted[length]) length++;
    if (length === key.quoted.length) return key;
  }
  return undefined;
}

function grow(size: number): void {
  const grown = new Float32Array(Math.max(size, scratch.length * 2));
  grown.set(scratch);
  scratch = grown;
}

/** Converts four ASCII digits, read as a little-endian integer, to a number; -1 if any is not a digit. */
export function digitsOf(four: number): number {
  if (((four & 0xf0f0f0f0) | 0) !== 0x30303030 || (((four + 0x06060606) & 0xf0f0f0f0) | 0) !== 0x30303030) return -1;
  const tens = (Math.imul(four & 0x0f0f0f0f, 10) + ((four >> 8) & 0x0f0f0f)) | 0;
  return (Math.imul(tens & 0xff, 100) + ((tens >> 16) & 0xff)) | 0;
}
