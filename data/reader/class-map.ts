import { DECIMAL } from "../cells.ts";
import type { ClassName } from "../prediction.ts";

/** As a number is written: a leading zero makes it a code. `1.0` is how floats are. */
const PLAIN_WHOLE = /^(-?(?:0|[1-9]\d*))(?:\.0+)?$/;

/**
 * Finds the class that a value means. The very text counts first; then 1, "1" and "1.0" are the same, and so are true, "true" and Python's "True". Texts
 * such as "01" or "1e0" are classes of their own. Whole numbers count to the last digit.
 */
export class ClassMap {
  readonly classes: readonly ClassName[];
  /** Whether two of the classes are the same text or the same value. */
  readonly isAmbiguous: boolean;
  readonly #texts: ReadonlyMap<string, number>;
  readonly #values: ReadonlyMap<string, number>;
  /** Only those that are numbers. */
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

  /** Index of the class; undefined for a value that is none. */
  codeOf(value: ClassName | bigint): number | undefined {
    // It stands for several whole numbers, and only one of them could be the class.
    if (isRounded(value)) return undefined;
    return this.#texts.get(String(value)) ?? this.#values.get(valueKey(value));
  }

  /** Index of the class that a cell of CSV means, where a number may be written in any way; undefined for one that is none. */
  codeOfCell(cell: string): number | undefined {
    const code = this.codeOf(cell);
    if (code !== undefined) return code;
    const text = cell.trim();
    return DECIMAL.test(text) ? this.#numbers.get(valueKey(plainNumber(text))) : undefined;
  }
}

/** Whether a number may be a rounded one: JavaScript keeps whole numbers to 2^53. */
export const isRounded = (value: ClassName | bigint): boolean =>
  typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);

function valueKey(value: ClassName | bigint): string {
  const text = String(value);
  const whole = PLAIN_WHOLE.exec(text)?.[1];
  if (whole !== undefined) return whole === "-0" ? "0" : whole;
  return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/** A decimal number without what may be left out. Whole numbers keep all of their digits. */
function plainNumber(text: string): string {
  const [, sign = "", digits] = /^([+-]?)0*(\d+)(?:\.0*)?$/.exec(text) ?? [];
  return digits === undefined ? String(Number(text)) : `${sign === "-" ? sign : ""}${digits}`;
}
