import { isUtf8 } from "node:buffer";

/** Texts of which the pool knows the bytes. */
const MOST_TEXTS = 1024;
/** Bytes of a text that is worth a look-up. */
const LONGEST = 64;
/** Characters of all texts together, from which on the pool begins again. */
const MOST_CHARACTERS = 2 ** 16;
/** Four times as many as texts, so that a look-up seldom meets another text. */
const SLOTS = MOST_TEXTS * 4;
/** Other texts that a look-up passes: a caller may choose texts that all fall on one slot. */
const MOST_STEPS = 8;

/**
 * Texts of recent requests, decoded once: columns of texts have few different values, and a new string for each costs more than a look-up by its
 * bytes. Its dictionary is only ever added to, so that tables of several requests share it.
 */
export class TextPool {
  dictionary: string[] = [];
  /** Code of the text at each slot, plus one; 0 where there is none. */
  readonly #slots = new Uint16Array(SLOTS);
  /** Bytes of text `code`, from code * LONGEST on. */
  readonly #bytes = new Uint8Array(MOST_TEXTS * LONGEST);
  readonly #lengths = new Uint8Array(MOST_TEXTS);
  #characters = 0;

  /** Forgets all texts when there are many; codes that were given before belong to the former dictionary. */
  begin(): void {
    if (this.dictionary.length < MOST_TEXTS && this.#characters < MOST_CHARACTERS) return;
    this.dictionary = [];
    this.#slots.fill(0);
    this.#characters = 0;
  }

  /** Returns the code of a text, -1 for bytes that are not UTF-8. @param hash of its bytes from `start` to `end`, by mix() */
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
    // What decoding has replaced; the caller may also have sent that very character.
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end))) return -1;
    this.#characters += text.length;
    return this.dictionary.push(text) - 1;
  }
}

/** FNV-1a's step, by 32 bits. */
export const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
export const HASH_START = 0x811c9dc5 | 0;
