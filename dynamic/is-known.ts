/** What the engine puts in the place of a value that it will only know after the update (`unknownValue` of the SDK's runtime/rpc). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** False for a value that is not known in this preview, or that holds one. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}
