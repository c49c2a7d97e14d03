import type { Field } from "../../data/field.ts";

/** Example value of a field: zero, an empty text, 2000-01-01. */
export function exampleValue({ type, shape = [] }: Field): unknown {
  const single = type === "string" ? "" : type === "boolean" ? false : type === "datetime" ? "2000-01-01T00:00:00Z" : 0;
  return shape.toReversed().reduce<unknown>((item, size) => new Array(size).fill(item), single);
}
