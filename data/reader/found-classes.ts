import type { ClassName } from "../prediction.ts";
import type { StoredKind } from "./cast-sql.ts";

/** Classes found in a label's values. */
export interface FoundClasses {
  /** Sorted: numbers by value, strings by code point, false before true. */
  readonly classes: readonly ClassName[];
  /** Index into `classes` of each string; -1 for one that is not a class. */
  readonly codes: readonly number[];
}

/** A number with leading zeros is a code, such as a postcode. pandas writes 1 as `1.0` in a column with missing values. */
const WHOLE = /^[+-]?(?:0|[1-9]\d*)(?:\.0*)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * Finds the classes of a label without `data.classes`: numbers if all strings are whole numbers (their digits, as strings, beyond 2^53), booleans if all
 * are true or false, otherwise strings.
 * @param texts distinct strings
 * @param kind of the column: strings in Parquet stay strings
 * @param decimal decimal mark
 */
export function foundClasses(texts: readonly string[], kind: StoredKind | "any", decimal: string): FoundClasses {
  const plain = texts.map((text) => {
    const trimmed = text.trim();
    return decimal === "," ? trimmed.replace(",", ".") : trimmed;
  });
  if (kind === "text")
    return byValue(
      texts,
      plain.map((text, index) => (text === "" ? undefined : texts[index])),
    );
  const isGap = (text: string) => text === "" || NOT_FINITE.test(text);
  const some = plain.filter((text) => !isGap(text));
  if (some.every((text) => WHOLE.test(text))) {
    // Keeps the digits as strings if a number would round any of them.
    const isExact = some.every((text) => Number.isSafeInteger(Number(text)));
    return byValue(
      texts,
      plain.map((text) => (isGap(text) ? undefined : isExact ? Number(text) + 0 : digitsOf(text))),
    );
  }
  if (some.every((text) => /^(?:true|false)$/i.test(text)))
    return byValue(
      texts,
      plain.map((text) => (isGap(text) ? undefined : text.toLowerCase() === "true")),
    );
  const isClass = (text: string) => text !== "" && !(kind === "number" && NOT_FINITE.test(text));
  return byValue(
    texts,
    plain.map((text, index) => (isClass(text) ? texts[index] : undefined)),
  );
}

const digitsOf = (whole: string) => String(BigInt(whole.replace(/^\+|\.0*$/g, "")));

/** @param values class of each string; undefined for a string that is not a class */
function byValue(texts: readonly string[], values: readonly (ClassName | undefined)[]): FoundClasses {
  const classes = [...new Set(values)].filter((value) => value !== undefined).toSorted(compare);
  const codes = new Map(classes.map((value, code) => [value, code]));
  return { classes, codes: texts.map((_, index) => codes.get(values[index] as ClassName) ?? -1) };
}

/** Compares strings by code point, unlike JavaScript, which compares UTF-16 units. */
const compare = (a: ClassName, b: ClassName) =>
  typeof a === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Number(a) - Number(b);
