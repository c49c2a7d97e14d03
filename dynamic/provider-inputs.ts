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

/** Placeholder for a value that the engine knows only after the update (`unknownValue` of the SDK's runtime/rpc). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Returns false for a value that is unknown in this preview, or that contains one. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}

/**
 * Builds a provider's `check` result with inputs that are looked up instead of given by the program. A failed lookup is a failure of the check: the
 * engine shows it in one sentence, in previews and updates alike.
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
