import { type ChunkColumn, INLINE_TEXT_BYTES } from "./duckdb-rows.ts";

const INITIAL_SLOTS = 1024;
/** Maximum number of slots. Beyond it, strings are looked up in the map. */
const MAX_SLOTS = 1 << 16;

/**
 * Assigns a code to each distinct string, in order of first occurrence. Known short strings are recognized by their bytes, without creating a string
 * object, because categorical columns repeat a few values.
 */
export class TextCodes {
  readonly #codes = new Map<string, number>();
  /** Open hash table: four words of bytes and code + 1 per slot. */
  #slots = new Int32Array(INITIAL_SLOTS * 5);
  #used = 0;

  get dictionary(): readonly string[] {
    return [...this.#codes.keys()];
  }

  /**
   * Writes the codes of rows `from` to `to` of a column to `into`, starting at `at`; -1 for a missing string.
   * @returns the first row without a string, or -1
   */
  add(column: ChunkColumn, from: number, to: number, into: Int32Array, at: number): number {
    const bytes = column.textBytes();
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, column.rows * 4);
    let firstGap = -1;
    for (let row = from; row < to; row++) {
      if (column.valid !== undefined && !column.has(row)) {
        if (firstGap < 0) firstGap = row;
        into[at + row - from] = -1;
        continue;
      }
      const isShort = (words[row * 4] as number) <= INLINE_TEXT_BYTES;
      into[at + row - from] = isShort ? this.#short(column, bytes, words, row) : this.codeOf(column.textAt(bytes, row));
    }
    return firstGap;
  }

  #short(column: ChunkColumn, bytes: Buffer, words: Int32Array, row: number): number {
    const at = row * 4;
    const [a, b, c, d] = [words[at], words[at + 1], words[at + 2], words[at + 3]] as [number, number, number, number];
    const slots = this.#slots;
    const mask = slots.length / 5 - 1;
    let hash =
      Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const start = slot * 5;
      const code = slots[start + 4] as number;
      if (code === 0) {
        const known = this.codeOf(column.textAt(bytes, row));
        slots.set([a, b, c, d, known + 1], start);
        if (++this.#used * 2 > mask) this.#grow();
        return known;
      }
      if (slots[start] === a && slots[start + 1] === b && slots[start + 2] === c && slots[start + 3] === d)
        return code - 1;
    }
  }

  /** Grows the hash table once half of its slots are used, or clears it at its maximum size. Strings without a slot are found in the map. */
  #grow(): void {
    const { length } = this.#slots;
    if (length >= MAX_SLOTS * 5) this.#slots.fill(0);
    else this.#slots = new Int32Array(length * 4);
    this.#used = 0;
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.#codes.size);
    return this.#codes.size - 1;
  }
}
