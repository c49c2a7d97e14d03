import { DECIMAL } from "../cells.ts";
import type { Field, FieldType } from "../field.ts";
import { type ColumnRules, microsecondsOf } from "./data-contract.ts";

/** Rules that a single value can break, besides being missing. */
export type CellRule = "type" | "min" | "max" | "categories";

/** Rules of a column for values of one field type. Each returns the first rule that a value breaks; undefined for none. */
export interface CellRules {
  /** Numbers from `low` to `high` break no rule and need no further check; there are none if `low` is above `high`. */
  readonly low: number;
  readonly high: number;
  /** For a number, a boolean (0 or 1) or a datetime (microseconds). */
  ofNumber(value: number): CellRule | undefined;
  ofText(text: string): CellRule | undefined;
}

/**
 * Prepares a column's rules for values of a field. Bounds and categories are rounded like the field's values: 0.1 in a column of float32 is
 * not above 0.1.
 * @param decimal decimal mark of numbers that are texts because another cell of their column is not a number
 */
export function cellRules(rules: ColumnRules, field: Pick<Field, "type">, decimal = "."): CellRules {
  const { type, categories } = rules;
  const rounded = roundingOf(field.type);
  const bound = (end: ColumnRules["min"]) =>
    end === undefined ? undefined : typeof end === "string" ? microsecondsOf(end) : rounded(end);
  const [min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY] = [bound(rules.min), bound(rules.max)];
  const hasRange = rules.min !== undefined || rules.max !== undefined;
  const numbers = categories && new Set(numbersIn(categories).map(rounded));
  // The text 007 is not the text 7, but it is the number 7.
  const plain = new Set(numbersIn((categories ?? []).filter((one) => typeof one !== "string")));
  const texts = categories && new Set(categories.map(String));
  const fits = fitsType(type, field.type);

  const inRange = (value: number): CellRule | undefined => (value < min ? "min" : value > max ? "max" : undefined);
  const isPlain = (type === "number" && field.type !== "datetime") || type === "text" || type === undefined;
  return {
    // Infinity is not of type number.
    low: isPlain && !categories ? Math.max(min, -Number.MAX_VALUE) : Number.POSITIVE_INFINITY,
    high: Math.min(max, Number.MAX_VALUE),
    ofNumber(value) {
      if (!fits(value)) return "type";
      return inRange(value) ?? (numbers && !numbers.has(value) ? "categories" : undefined);
    },
    ofText(text) {
      const value = textValue(text, type, hasRange, decimal);
      if (value === undefined) return "type";
      const isListed =
        !texts || texts.has(text) || (typeof value === "number" ? numbers?.has(value) : plain.has(numberOf(value)));
      return (typeof value === "number" ? inRange(value) : undefined) ?? (isListed ? undefined : "categories");
    },
  };
}

function roundingOf(type: FieldType): (value: number) => number {
  if (type === "float32") return Math.fround;
  if (type !== "float16") return (value) => value;
  const half = new Float16Array(1);
  return (value) => {
    half[0] = value;
    return half[0] as number;
  };
}

/** Whether values of a field are of the contract's type. */
function fitsType(type: ColumnRules["type"], field: FieldType): (value: number) => boolean {
  if (type === undefined || type === "text") return () => true;
  if (type === "date" || field === "datetime") return () => type === "date" && field === "datetime";
  if (type === "number") return Number.isFinite;
  return type === "integer" ? Number.isInteger : (value) => value === 0 || value === 1;
}

const numbersIn = (categories: readonly (string | number | boolean)[]) =>
  categories.map(numberOf).filter((one) => !Number.isNaN(one));

/** NaN for a text that is not a number. */
function numberOf(category: string | number | boolean): number {
  if (typeof category !== "string") return Number(category);
  if (/^(?:true|false)$/i.test(category)) return Number(category.toLowerCase() === "true");
  return DECIMAL.test(category.trim()) ? Number(category) : Number.NaN;
}

/** Parses a text as the contract's type; undefined if it is not a value of that type. */
function textValue(
  text: string,
  type: ColumnRules["type"],
  hasRange: boolean,
  decimal: string,
): number | string | undefined {
  const cell = text.trim();
  if (type === "date") return microsecondsOf(cell);
  if (type === "boolean") return /^(?:true|false|0|1)$/i.test(cell) ? numberOf(cell) : undefined;
  // A range implies numbers, even without a type.
  if (type !== "number" && type !== "integer" && !hasRange) return text;
  const plain = decimal === "," ? cell.replace(",", ".") : cell;
  const value = DECIMAL.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) && (type !== "integer" || Number.isInteger(value)) ? value : undefined;
}

/** A set of V8 holds at most 2^24 values. */
const MOST = 2 ** 23;

/** Any number of distinct values of a column, at about 50 bytes each. */
export class DistinctValues {
  readonly #sets: Set<number | bigint | string>[] = [new Set()];

  /** Adds the value; returns whether it was there before. */
  isRepeated(value: number | bigint | string): boolean {
    if (this.#sets.some((set) => set.has(value))) return true;
    const last = this.#sets.at(-1) as Set<number | bigint | string>;
    if (last.size < MOST) last.add(value);
    else this.#sets.push(new Set([value]));
    return false;
  }
}
