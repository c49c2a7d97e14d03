import type { Field } from "../field.ts";

const MAX_LENGTH = 60;

/** Quotes a string and truncates it, because it may contain personal data. */
export const formatText = (text: string): string =>
  JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text);

/**
 * Formats a value with no more digits than its type has.
 * @param value as a double @param raw as stored in the column
 */
export function formatValue({ type }: Pick<Field, "type">, value: number, raw: number | bigint): string {
  if (type === "datetime") {
    const time = new Date(value / 1000);
    return Number.isNaN(time.getTime()) ? `${value} microseconds` : time.toISOString();
  }
  if (type === "boolean") return String(value !== 0);
  if (typeof raw === "bigint") return String(raw);
  return String(
    type === "float32" ? shortestFloat32(value) : type === "float16" ? Number(value.toPrecision(5)) : value,
  );
}

/** Returns the shortest decimal number that rounds to the same float32. */
function shortestFloat32(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
