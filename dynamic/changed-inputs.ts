import { isDeepStrictEqual } from "node:util";

/**
 * Names of the inputs whose values differ, in the order of `keys`.
 * Compared by value: the order of keys changes on the way through the engine.
 */
export function changedInputs<Inputs extends object>(
  olds: Inputs,
  news: Inputs,
  keys: readonly (keyof Inputs & string)[],
): string[] {
  return keys.filter((key) => !isDeepStrictEqual(plain(olds[key]), plain(news[key])));
}

/** A property that is undefined does not survive the wire. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
