import { isUtf8 } from "node:buffer";

/** Maximum number of texts in the pool. */
const MOST_TEXTS = 1024;
/** Maximum length of a pooled text, in bytes. */
const LONGEST = 64;
/** Maximum characters of all texts; beyond that, the pool is reset. */
const MOST_CHARACTERS = 2 ** 16;
/** Four times the number of texts, to keep collisions rare. */
const SLOTS = MOST_TEXTS * 4;
/** Maximum probes of a lookup: a caller may choose texts that all collide. */
const MOST_STEPS = 8;

/**
 * Caches decoded texts of recent requests: text columns have few distinct values, and creating a new string for each costs more than a lookup by its
 * bytes. The dictionary only grows, so that tables of several requests can share it.
 */
export class TextPool {
  dictionary: string[] = [];
  /** Code of the text in each slot, plus one; 0 if empty. */
  readonly #slots = new Uint16Array(SLOTS);
  /** Bytes of text `code`, at offset code * LONGEST. */
  readonly #bytes = new Uint8Array(MOST_TEXTS * LONGEST);
  readonly #lengths = new Uint8Array(MOST_TEXTS);
  #characters = 0;

  /** Resets the pool once it is full; codes returned earlier refer to the old dictionary. */
  begin(): void {
    if (this.dictionary.length < MOST_TEXTS && this.#characters < MOST_CHARACTERS) return;
    this.dictionary = [];
    this.#slots.fill(0);
    this.#characters = 0;
  }

  /** Returns the code of a text, -1 for invalid UTF-8. @param hash of its bytes from `start` to `end`, by mix() */
  codeOf(bytes: Buffer, start: number, end: number, hash: number): number {
    const length = end - start;
    if (length > LONGEST) return this.#add(bytes, start, end);
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let step = 0; step < MOST_STEPS; step++, slot = (slot + 1) & (SLOTS - 1)) {
      const code = (this.#slots[slot] as number) - 1;
      if (code < 0) {
        const added = this.#add(bytes, start, end);
        if (added < 0 || added >= MOST_TEXTS) return added;
        this.#slots[slot] = added + 1;
        this.#bytes.set(bytes.subarray(start, end), added * LONGEST);
        this.#lengths[added] = length;
        return added;
      }
      if (this.#lengths[code] === length && this.#isAt(code, bytes, start, length)) return code;
    }
    return this.#add(bytes, start, end);
  }

  #isAt(code: number, bytes: Buffer, start: number, length: number): boolean {
    const from = code * LONGEST;
    for (let index = 0; index < length; index++) if (this.#bytes[from + index] !== bytes[start + index]) return false;
    return true;
  }

  #add(bytes: Buffer, start: number, end: number): number {
    const text = bytes.toString("utf8", start, end);
    // The decoder's replacement character; the caller may also have sent that very character.
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end))) return -1;
    this.#characters += text.length;
    return this.dictionary.push(text) - 1;
  }
}

/** One step of FNV-1a, 32 bits. */
export const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
export const HASH_START = 0x811c9dc5 | 0;
