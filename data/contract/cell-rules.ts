import { DECIMAL } from "../cells.ts";
import type { Field, FieldType } from "../field.ts";
import { type ColumnRules, microsecondsOf } from "./data-contract.ts";

/** Rules that a single value can violate, apart from being missing. */
export type CellRule = "type" | "min" | "max" | "categories";

/** A column's rules for values of one field type. Each method returns the first rule that the value violates, or undefined. */
export interface CellRules {
  /** Numbers from `low` to `high` satisfy every rule and need no further check. The range is empty if `low` is above `high`. */
  readonly low: number;
  readonly high: number;
  /** Checks a number, a boolean (0 or 1) or a datetime (microseconds). */
  ofNumber(value: number): CellRule | undefined;
  ofText(text: string): CellRule | undefined;
}

/**
 * Prepares a column's rules for values of a field. Bounds and categories are rounded like the field's values, so that the float32 nearest to 0.1
 * does not exceed a bound of 0.1.
 * @param decimal decimal mark of numbers read as text because another cell of their column is not a number
 */
export function cellRules(rules: ColumnRules, field: Pick<Field, "type">, decimal = "."): CellRules {
  const { type, categories } = rules;
  const rounded = roundingOf(field.type);
  const bound = (end: ColumnRules["min"]) =>
    end === undefined ? undefined : typeof end === "string" ? microsecondsOf(end) : rounded(end);
  const [min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY] = [bound(rules.min), bound(rules.max)];
  const hasRange = rules.min !== undefined || rules.max !== undefined;
  const numbers = categories && new Set(numbersIn(categories).map(rounded));
  // The string 007 differs from the string 7, but equals the number 7.
  const plain = new Set(numbersIn((categories ?? []).filter((one) => typeof one !== "string")));
  const texts = categories && new Set(categories.map(String));
  const fits = fitsType(type, field.type);

  const inRange = (value: number): CellRule | undefined => (value < min ? "min" : value > max ? "max" : undefined);
  const isPlain = (type === "number" && field.type !== "datetime") || type === "text" || type === undefined;
  return {
    // Type number excludes infinity.
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

/** Returns a predicate: whether a value of the field has the contract's type. */
function fitsType(type: ColumnRules["type"], field: FieldType): (value: number) => boolean {
  if (type === undefined || type === "text") return () => true;
  if (type === "date" || field === "datetime") return () => type === "date" && field === "datetime";
  if (type === "number") return Number.isFinite;
  return type === "integer" ? Number.isInteger : (value) => value === 0 || value === 1;
}

const numbersIn = (categories: readonly (string | number | boolean)[]) =>
  categories.map(numberOf).filter((one) => !Number.isNaN(one));

/** Converts a category to a number; NaN for a string that is not a number. */
function numberOf(category: string | number | boolean): number {
  if (typeof category !== "string") return Number(category);
  if (/^(?:true|false)$/i.test(category)) return Number(category.toLowerCase() === "true");
  return DECIMAL.test(category.trim()) ? Number(category) : Number.NaN;
}

/** Parses a string as the contract's type; undefined if it is not a value of that type. */
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

/** V8 limits a Set to 2^24 values. */
const MAX_SET_SIZE = 2 ** 23;

/** The distinct values of a column, without a limit on their number, at about 50 bytes each. */
export class DistinctValues {
  readonly #sets: Set<number | bigint | string>[] = [new Set()];

  /** Adds the value. Returns whether it was already present. */
  isRepeated(value: number | bigint | string): boolean {
    if (this.#sets.some((set) => set.has(value))) return true;
    const last = this.#sets.at(-1) as Set<number | bigint | string>;
    if (last.size < MAX_SET_SIZE) last.add(value);
    else this.#sets.push(new Set([value]));
    return false;
  }
}
