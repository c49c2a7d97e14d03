import { isUtf8 } from "node:buffer";

/** Maximum number of strings in the pool. */
const MAX_STRINGS = 1024;
/** Maximum length of a pooled string, in bytes. */
const MAX_LENGTH = 64;
/** Maximum characters of all strings. Beyond it, the pool is reset. */
const MAX_CHARACTERS = 2 ** 16;
/** Four slots per string, to keep collisions rare. */
const SLOTS = MAX_STRINGS * 4;
/** Maximum probes per lookup, because a caller may choose strings that all collide. */
const MAX_STEPS = 8;

/**
 * Caches the decoded strings of recent requests. String columns have few distinct values, and creating a string costs more than a lookup by its bytes.
 * The dictionary only grows between resets, so that the tables of several requests can share it.
 */
export class TextPool {
  dictionary: string[] = [];
  /** Code of the string in each slot, plus one; 0 if empty. */
  readonly #slots = new Uint16Array(SLOTS);
  /** Bytes of string `code`, at offset code * MAX_LENGTH. */
  readonly #bytes = new Uint8Array(MAX_STRINGS * MAX_LENGTH);
  readonly #lengths = new Uint8Array(MAX_STRINGS);
  #characters = 0;

  /** Begins a request, and resets a full pool. Codes returned earlier refer to the previous dictionary. */
  begin(): void {
    if (this.dictionary.length < MAX_STRINGS && this.#characters < MAX_CHARACTERS) return;
    this.dictionary = [];
    this.#slots.fill(0);
    this.#characters = 0;
  }

  /** Returns the code of a string; -1 for invalid UTF-8. @param hash of the bytes from `start` to `end`, by mix() */
  codeOf(bytes: Buffer, start: number, end: number, hash: number): number {
    const length = end - start;
    if (length > MAX_LENGTH) return this.#add(bytes, start, end);
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    for (let step = 0; step < MAX_STEPS; step++, slot = (slot + 1) & (SLOTS - 1)) {
      const code = (this.#slots[slot] as number) - 1;
      if (code < 0) {
        const added = this.#add(bytes, start, end);
        if (added < 0 || added >= MAX_STRINGS) return added;
        this.#slots[slot] = added + 1;
        this.#bytes.set(bytes.subarray(start, end), added * MAX_LENGTH);
        this.#lengths[added] = length;
        return added;
      }
      if (this.#lengths[code] === length && this.#isAt(code, bytes, start, length)) return code;
    }
    return this.#add(bytes, start, end);
  }

  #isAt(code: number, bytes: Buffer, start: number, length: number): boolean {
    const from = code * MAX_LENGTH;
    for (let index = 0; index < length; index++) if (this.#bytes[from + index] !== bytes[start + index]) return false;
    return true;
  }

  #add(bytes: Buffer, start: number, end: number): number {
    const text = bytes.toString("utf8", start, end);
    // The replacement character marks invalid UTF-8, unless the caller sent that character.
    if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end))) return -1;
    this.#characters += text.length;
    return this.dictionary.push(text) - 1;
  }
}

/** Adds a byte to a 32-bit FNV-1a hash. */
export const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
export const HASH_START = 0x811c9dc5 | 0;
