import { isDeepStrictEqual } from "node:util";

/**
 * Returns the names of the inputs whose values differ, in the order of `keys`.
 * Compares by value, because the engine reorders an object's keys in transit.
 */
export function changedInputs<Inputs extends object>(
  olds: Inputs,
  news: Inputs,
  keys: readonly (keyof Inputs & string)[],
): string[] {
  return keys.filter((key) => !isDeepStrictEqual(plain(olds[key]), plain(news[key])));
}

/** Drops properties that are undefined, as the engine's wire format does. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** Placeholder for a value that is known only after the update (`unknownValue` of the SDK's runtime/rpc). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Returns false if the value is unknown in this preview or contains an unknown value. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}

/**
 * Builds a provider's `check` result, adding inputs that are looked up rather than set by the program. A failed lookup fails the check:
 * the engine shows it in one sentence, in previews and updates alike.
 */
export async function withLookedUp<Inputs extends object, More extends object>(
  news: Inputs,
  lookUp: (news: Inputs) => Promise<More>,
): Promise<{ inputs: Inputs & Partial<More>; failures: { property: string; reason: string }[] }> {
  try {
    return { inputs: { ...news, ...(await lookUp(news)) }, failures: [] };
  } catch (error) {
    return {
      inputs: news,
      failures: [{ property: "", reason: error instanceof Error ? error.message : String(error) }],
    };
  }
}
