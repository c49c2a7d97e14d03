import { readable } from "../../data/column-values.ts";
import { type Field, valuesPerRow } from "../../data/field.ts";
import type { Column, Table } from "../../data/table.ts";

/** Number of flagged rows. */
export const countOf = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);

/**
 * Flags each row of `evaluation` with 1 if its features equal those of a row of `training`. Labels are ignored: the same customer with
 * another label leaks as well. Values are compared in the model's types: doubles that round to the same float32 are equal if the model takes
 * float32, -0 equals 0, and missing equals missing.
 * @param evaluation the model's columns, in its order and types; `training` likewise
 */
export function sharedRows(evaluation: Table, training: Table): Uint8Array {
  const slots = 2 ** Math.ceil(Math.log2(training.rows * 2 + 1));
  /** Open addressing: index of a training row + 1, 0 if empty. */
  const table = new Uint32Array(slots);
  const codes = new TextCodes();
  const [trainingKeys, evaluationKeys] = [keysOf(training, codes), keysOf(evaluation, codes)];
  const width = trainingKeys.length / training.rows;
  for (let row = 0; row < training.rows; row++) {
    let slot = hash(trainingKeys, row * width, width) & (slots - 1);
    // Store equal rows once: otherwise each lookup could scan a million copies.
    while (
      table[slot] !== 0 &&
      !sameRow(trainingKeys, row * width, trainingKeys, ((table[slot] as number) - 1) * width, width)
    )
      slot = (slot + 1) & (slots - 1);
    table[slot] = row + 1;
  }
  const shared = new Uint8Array(evaluation.rows);
  for (let row = 0; row < evaluation.rows; row++) {
    let slot = hash(evaluationKeys, row * width, width) & (slots - 1);
    for (; table[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
      const other = (table[slot] as number) - 1;
      if (!sameRow(evaluationKeys, row * width, trainingKeys, other * width, width)) continue;
      shared[row] = 1;
      break;
    }
  }
  return shared;
}

/** Maps the texts of both tables to codes. */
class TextCodes {
  readonly #codes = new Map<string, number>();

  of(text: string): number {
    const code = this.#codes.get(text) ?? this.#codes.size;
    this.#codes.set(text, code);
    return code;
  }
}

const MISSING = 0x7ff80001;

/** Row-major: words that are equal for equal values. */
function keysOf({ fields, columns, rows }: Table, codes: TextCodes): Int32Array {
  const widths = fields.map((field) => valuesPerRow(field) * wordsOf(field));
  const width = widths.reduce((sum, words) => sum + words, 0);
  const keys = new Int32Array(rows * width);
  let from = 0;
  for (const [position, field] of fields.entries()) {
    fillKeys(keys, { field, column: columns[position] as Column, rows, width, from }, codes);
    from += widths[position] as number;
  }
  return keys;
}

/** 64-bit types take two words. */
const wordsOf = ({ type }: Field) => (/^(?:float64|u?int64|datetime)$/.test(type) ? 2 : 1);

interface KeyColumn {
  readonly field: Field;
  readonly column: Column;
  readonly rows: number;
  readonly width: number;
  readonly from: number;
}

function fillKeys(keys: Int32Array, { field, column, rows, width, from }: KeyColumn, codes: TextCodes): void {
  const size = valuesPerRow(field);
  if (column.kind === "text") {
    const common = column.dictionary.map((text) => codes.of(text));
    for (let row = 0; row < rows; row++)
      for (let index = 0; index < size; index++)
        keys[row * width + from + index] = common[column.codes[row * size + index] as number] ?? -1;
    return;
  }
  const words = wordsOf(field);
  const { offset, stride, missing } = column;
  const data = readable(field, column.data);
  const write = writer(field);
  for (let row = 0; row < rows; row++)
    for (let index = 0; index < size; index++) {
      const at = row * width + from + index * words;
      if (missing?.[row] === 1) keys[at] = MISSING;
      else write(keys, at, data[offset + row * stride + index] as number | bigint);
    }
}

const scratch = { float32: new Float32Array(1), float64: new Float64Array(1), int64: new BigInt64Array(1) };
const words32 = new Int32Array(scratch.float32.buffer);
const [words64, wordsBig] = [new Int32Array(scratch.float64.buffer), new Int32Array(scratch.int64.buffer)];

/** Normalizes -0 to 0, and every NaN to a missing value. */
function writer(field: Field): (keys: Int32Array, at: number, value: number | bigint) => void {
  const pair = (words: Int32Array) => (keys: Int32Array, at: number) => {
    keys[at] = words[0] as number;
    keys[at + 1] = words[1] as number;
  };
  if (field.type === "float64") {
    const put = pair(words64);
    return (keys, at, value) => {
      scratch.float64[0] = Number(value) + 0;
      if (Number.isNaN(value)) keys[at] = MISSING;
      else put(keys, at);
    };
  }
  if (wordsOf(field) === 2) {
    const put = pair(wordsBig);
    return (keys, at, value) => {
      scratch.int64[0] = BigInt.asIntN(64, BigInt(value));
      put(keys, at);
    };
  }
  if (!field.type.startsWith("float"))
    return (keys, at, value) => {
      keys[at] = Number(value) | 0;
    };
  return (keys, at, value) => {
    scratch.float32[0] = Number(value) + 0;
    keys[at] = Number.isNaN(value) ? MISSING : (words32[0] as number);
  };
}

/** FNV-1a over 32-bit words with a final mix, since only its low bits select the slot. */
function hash(words: Int32Array, start: number, width: number): number {
  let hashed = 0x811c9dc5;
  for (let word = start; word < start + width; word++) hashed = Math.imul(hashed ^ (words[word] as number), 0x01000193);
  hashed = Math.imul(hashed ^ (hashed >>> 15), 0x2c1b3c6d);
  return (hashed ^ (hashed >>> 13)) >>> 0;
}

function sameRow(a: Int32Array, atA: number, b: Int32Array, atB: number, width: number): boolean {
  for (let word = 0; word < width; word++) if (a[atA + word] !== b[atB + word]) return false;
  return true;
}
