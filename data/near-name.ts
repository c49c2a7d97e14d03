import { editDistance } from "./edit-distance.ts";

/** Maximum edit distance, by minimum length of the name. */
const EDITS: readonly (readonly [length: number, edits: number])[] = [
  [6, 2],
  [4, 1],
];
const MAX_LENGTH = 100;

/**
 * Whether two names probably mean the same column: they differ in case, spaces or hyphens, or by one or two typos. Names that differ only in digits
 * are different columns.
 */
function isNearName(name: string, other: string): boolean {
  if (name.length > MAX_LENGTH || other.length > MAX_LENGTH) return false;
  const [a, b] = [plain(name), plain(other)];
  if (a === b || isSwapped(a, b)) return true;
  const edits = EDITS.find(([length]) => Math.min(a.length, b.length) >= length)?.[1] ?? 0;
  return withoutDigits(a) !== withoutDigits(b) && editDistance(a, b) <= edits;
}

/** Minimum length of a name in which two swapped neighbors are a typo. */
const MIN_SWAPPED = 3;

const isSwapped = (a: string, b: string) =>
  a.length >= MIN_SWAPPED &&
  withoutDigits(a) === a &&
  [...a].sort().join("") === [...b].sort().join("") &&
  editDistance(a, b) === 1;

const plain = (name: string) => name.toLowerCase().replace(/[\s_.-]+/g, "");
const withoutDigits = (name: string) => name.replace(/\d/g, "");

/** Minimum length of a stem that other names extend, such as `churn` in `churned_in_2025`. */
const MIN_STEM = 4;

/** Returns the known name that an absent one most likely means: with surrounding spaces, a typo, or a longer or shorter form. */
export function nearName(name: string, known: readonly string[]): string | undefined {
  const others = known.filter((other) => other !== name);
  return (
    others.find((other) => other.trim() === name.trim()) ??
    others
      .filter((other) => isNearName(name, other))
      .map((other) => ({ other, edits: editDistance(name, other) }))
      .sort((a, b) => a.edits - b.edits)[0]?.other ??
    others.find((other) => extend(name, other) || extend(other, name))
  );
}

const extend = (stem: string, name: string) =>
  stem.length >= MIN_STEM && name.length <= MAX_LENGTH && name.toLowerCase().startsWith(stem.toLowerCase());

/** Lists names in an error. Quotes make surrounding spaces visible. */
export const listedNames = (names: readonly string[]): string => names.map(quotedIfNeeded).join(", ");

const quotedIfNeeded = (name: string): string => (name === name.trim() && name !== "" ? name : JSON.stringify(name));

/** Completes an error about absent columns: lists the existing ones, and names the nearest to the first absent one that has a near name. */
export function insteadOf(absent: readonly string[], names: readonly string[]): string {
  const found = absent.map((name) => ({ name, near: nearName(name, names) })).find(({ near }) => near !== undefined);
  const existing = `it has ${shortened(listedNames(names))}`;
  if (!found) return existing;
  const { name, near = "" } = found;
  const of = absent.length > 1 ? ` to ${JSON.stringify(name)}` : "";
  const spaces = near.trim() === name.trim() ? ", which differs only in spaces" : "";
  return `${existing}. The nearest${of} is ${JSON.stringify(near)}${spaces}`;
}

/** Truncates arbitrary text from a file for an error, and replaces its control characters. */
export const shortened = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not reach a terminal
  (text.length > 200 ? `${text.slice(0, 200)}…` : text).replace(/[\u0000-\u001f\u007f]/g, " ");

/** Maximum number of names to compare, because a request may contain any number. */
const MAX_NAMES = 100;

/** A column of the model, and the misspelled name that probably refers to it. */
export interface NearMiss {
  readonly column: string;
  readonly given: string;
}

/** Returns the first absent column of the model for which the request has a similar name. */
export function nearMiss(absent: readonly string[], unknown: readonly string[]): NearMiss | undefined {
  for (const column of absent)
    for (const given of unknown.slice(0, MAX_NAMES)) if (isNearName(column, given)) return { column, given };
  return undefined;
}
