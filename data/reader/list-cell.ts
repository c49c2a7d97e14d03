import type { Field } from "../field.ts";
import type { Element } from "./list-elements.ts";

/** The elements of a list in order, or the reason why it is invalid. */
export type Elements = readonly Element[] | { readonly wrong: string };

/**
 * Parses a CSV cell that contains a JSON list, such as `[0, 1, 2]`.
 * @returns the elements, with nested lists flattened
 */
export function elementsOfCell(text: string, { type, shape = [] }: Field): Elements {
  let value: unknown;
  try {
    // Python's json module writes NaN for a missing number.
    const json = type === "string" ? text : text.replaceAll(/\bNaN\b/g, "null");
    value = type.endsWith("64") && type !== "float64" ? JSON.parse(json, exactly) : JSON.parse(json);
  } catch {
    return { wrong: `must be a list such as [0, 1, 2], got ${shortened(text)}` };
  }
  if (!Array.isArray(value)) return { wrong: `must be a list such as [0, 1, 2], got ${shortened(text)}` };
  const elements = value.flat(Number.POSITIVE_INFINITY) as unknown[];
  if (elements.some((it) => typeof it === "object" && it !== null))
    return { wrong: `must be a list of values, got ${shortened(text)}` };
  const size = shape.reduce((product, length) => product * length, 1);
  const isFlat = value.length === elements.length && !value.some(Array.isArray);
  if (elements.length === size && !isFlat && !hasShape(value, shape)) return { wrong: "has lists of the wrong length" };
  return elements as Element[];
}

/** Keeps whole numbers exact that a double would round. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const { source } = context ?? {};
  return typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

const hasShape = (value: unknown, [length, ...inner]: readonly number[]): boolean =>
  length === undefined
    ? !Array.isArray(value)
    : Array.isArray(value) && value.length === length && value.every((it) => hasShape(it, inner));

const shortened = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
