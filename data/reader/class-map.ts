import { DECIMAL } from "../cells.ts";
import type { ClassName } from "../prediction.ts";

/** A whole number, also as a float such as `1.0`. A leading zero marks a code, not a number. */
const PLAIN_WHOLE = /^(-?(?:0|[1-9]\d*))(?:\.0+)?$/;

/**
 * Maps values to classes. An exact match of the text takes precedence. Otherwise 1, "1" and "1.0" are equal, and so are true, "true" and Python's
 * "True". Strings such as "01" or "1e0" are separate classes. Whole numbers are compared to the last digit.
 */
export class ClassMap {
  readonly classes: readonly ClassName[];
  /** Whether two of the classes have the same value. */
  readonly isAmbiguous: boolean;
  readonly #texts: ReadonlyMap<string, number>;
  readonly #values: ReadonlyMap<string, number>;
  /** Only classes that are numbers. */
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(classes: readonly ClassName[]) {
    this.classes = classes;
    this.#texts = new Map(classes.map((name, code) => [String(name), code]));
    this.#values = new Map(classes.map((name, code) => [valueKey(name), code]));
    this.#numbers = new Map(
      classes.flatMap((name, code) => (typeof name === "number" ? [[valueKey(name), code] as const] : [])),
    );
    this.isAmbiguous = this.#values.size < classes.length;
  }

  /** Returns the index of the class; undefined for a value that is not a class. */
  codeOf(value: ClassName | bigint): number | undefined {
    // A rounded number may stand for several whole numbers, of which only one can be the class.
    if (isRounded(value)) return undefined;
    return this.#texts.get(String(value)) ?? this.#values.get(valueKey(value));
  }

  /** Returns the index of the class in a CSV cell, which may write a number in any notation; undefined if it is not a class. */
  codeOfCell(cell: string): number | undefined {
    const code = this.codeOf(cell);
    if (code !== undefined) return code;
    const text = cell.trim();
    return DECIMAL.test(text) ? this.#numbers.get(valueKey(plainNumber(text))) : undefined;
  }
}

/** Whether a number may have been rounded: JavaScript keeps whole numbers exact up to 2^53. */
export const isRounded = (value: ClassName | bigint): boolean =>
  typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);

function valueKey(value: ClassName | bigint): string {
  const text = String(value);
  const whole = PLAIN_WHOLE.exec(text)?.[1];
  if (whole !== undefined) return whole === "-0" ? "0" : whole;
  return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/** Normalizes a decimal number. Whole numbers keep all their digits. */
function plainNumber(text: string): string {
  const [, sign = "", digits] = /^([+-]?)0*(\d+)(?:\.0*)?$/.exec(text) ?? [];
  return digits === undefined ? String(Number(text)) : `${sign === "-" ? sign : ""}${digits}`;
}
