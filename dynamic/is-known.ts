/** Placeholder for a value that the engine knows only after the update (`unknownValue` of the SDK's runtime/rpc). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Returns false for a value that is unknown in this preview, or that contains one. */
export function isKnown(value: unknown): boolean {
  if (value === UNKNOWN) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isKnown);
}
