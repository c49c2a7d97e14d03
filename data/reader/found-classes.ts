import type { ClassName } from "../prediction.ts";
import type { StoredKind } from "./cast-sql.ts";

/** Classes that the texts of a label stand for. */
export interface FoundClasses {
  /** Numbers by value, texts by code point, false before true. */
  readonly classes: readonly ClassName[];
  /** Index into `classes` of each text; -1 for one that is not a class. */
  readonly codes: readonly number[];
}

/** Leading zeros make it a code, such as a postcode. `1.0` is how pandas writes a 1 of a column with gaps. */
const WHOLE = /^[+-]?(?:0|[1-9]\d*)(?:\.0*)?$/;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/**
 * Finds the classes of a label that no format names: numbers where each text is a whole number (their digits beyond 2^53), true and false where each is one of them, else texts.
 * @param texts different ones
 * @param kind of the column: texts that Parquet stores as such stay texts
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
    // As their digits where numbers would round one of them.
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

/** @param values of the texts; undefined for one that has none */
function byValue(texts: readonly string[], values: readonly (ClassName | undefined)[]): FoundClasses {
  const classes = [...new Set(values)].filter((value) => value !== undefined).toSorted(compare);
  const places = new Map(classes.map((value, code) => [value, code]));
  return { classes, codes: texts.map((_, index) => places.get(values[index] as ClassName) ?? -1) };
}

/** JavaScript alone compares texts by UTF-16 units. */
const compare = (a: ClassName, b: ClassName) =>
  typeof a === "string" ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Number(a) - Number(b);
