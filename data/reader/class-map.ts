import type { ClassName } from "../prediction.ts";

/** Decimal numbers only: Number() would also take "", " ", "0x10" and "Infinity". */
export const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Finds the class that a value means. The very text counts first; then 1, "1" and "1.0" are the same, and so are true, "true" and Python's "True".
 */
export class ClassMap {
  readonly classes: readonly ClassName[];
  /** Whether two of the classes are the same text or the same value. */
  readonly isAmbiguous: boolean;
  readonly #texts: ReadonlyMap<string, number>;
  readonly #values: ReadonlyMap<string, number>;

  constructor(classes: readonly ClassName[]) {
    this.classes = classes;
    this.#texts = new Map(classes.map((name, code) => [String(name), code]));
    this.#values = new Map(classes.map((name, code) => [valueKey(name), code]));
    this.isAmbiguous = this.#values.size < classes.length;
  }

  /** Index of the class; undefined for a value that is none. */
  codeOf(value: ClassName | bigint): number | undefined {
    return this.#texts.get(String(value)) ?? this.#values.get(valueKey(value));
  }
}

function valueKey(value: ClassName | bigint): string {
  const text = String(value).trim();
  if (DECIMAL.test(text)) return String(Number(text) + 0);
  return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : String(value);
}
