import { type ChunkColumn, INLINE_TEXT_BYTES } from "./duckdb-rows.ts";

const FIRST_PLACES = 1024;
/** Beyond this number of distinct texts, the map is used. */
const MOST_PLACES = 1 << 16;

/**
 * Assigns each distinct text a code, in order of first occurrence. Known short texts are recognized by their bytes, without
 * creating a string, because a column of categories repeats a few texts.
 */
export class TextCodes {
  readonly #codes = new Map<string, number>();
  /** Open hash table: four words of bytes and code + 1 per slot. */
  #places = new Int32Array(FIRST_PLACES * 5);
  #used = 0;

  get dictionary(): readonly string[] {
    return [...this.#codes.keys()];
  }

  /** Writes the codes of rows `from` to `to` of a column into `into`, starting at `at`; -1 for a missing text. @returns the first row without a text, or -1 */
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
    const places = this.#places;
    const mask = places.length / 5 - 1;
    let hash =
      Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
    hash ^= hash >>> 15;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const start = place * 5;
      const code = places[start + 4] as number;
      if (code === 0) {
        const known = this.codeOf(column.textAt(bytes, row));
        places.set([a, b, c, d, known + 1], start);
        if (++this.#used * 2 > mask) this.#grow();
        return known;
      }
      if (places[start] === a && places[start + 1] === b && places[start + 2] === c && places[start + 3] === d)
        return code - 1;
    }
  }

  /** Grows the table when half of the slots are used. Forgotten texts are found in the map. */
  #grow(): void {
    const { length } = this.#places;
    if (length >= MOST_PLACES * 5) this.#places.fill(0);
    else this.#places = new Int32Array(length * 4);
    this.#used = 0;
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    this.#codes.set(text, this.#codes.size);
    return this.#codes.size - 1;
  }
}
