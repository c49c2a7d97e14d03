import type { Snapshot } from "../snapshot.ts";

/**
 * How many rows of `evaluation` have the very features of a row of `training`. Labels do not count: the same customer with
 * another label leaks as well. Both must have the same columns in the same order.
 */
export function countSharedRows(evaluation: Snapshot, training: Snapshot): number {
  const width = training.columns.length;
  const slots = 2 ** Math.ceil(Math.log2(training.rows * 2 + 1));
  /** Open addressing: index of a training row + 1, 0 for none. */
  const table = new Uint32Array(slots);
  const [known, asked] = [bitsOf(training.features), bitsOf(evaluation.features)];
  for (let row = 0; row < training.rows; row++) {
    let slot = hash(known, row * width, width) & (slots - 1);
    while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot] = row + 1;
  }
  let shared = 0;
  for (let row = 0; row < evaluation.rows; row++) {
    let slot = hash(asked, row * width, width) & (slots - 1);
    for (; table[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
      const other = (table[slot] as number) - 1;
      if (!sameRow(evaluation.features, row * width, training.features, other * width, width)) continue;
      shared++;
      break;
    }
  }
  return shared;
}

const bitsOf = (values: Float64Array) => new Int32Array(values.buffer, values.byteOffset, values.length * 2);

/** FNV-1a over 32-bit words, then mixed, for its low bits alone choose the slot. */
function hash(bits: Int32Array, start: number, width: number): number {
  let hashed = 0x811c9dc5;
  for (let word = start * 2; word < (start + width) * 2; word++)
    hashed = Math.imul(hashed ^ (bits[word] as number), 0x01000193);
  hashed = Math.imul(hashed ^ (hashed >>> 15), 0x2c1b3c6d);
  return (hashed ^ (hashed >>> 13)) >>> 0;
}

function sameRow(a: Float64Array, atA: number, b: Float64Array, atB: number, width: number): boolean {
  for (let column = 0; column < width; column++) if (a[atA + column] !== b[atB + column]) return false;
  return true;
}
