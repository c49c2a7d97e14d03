import { editDistance } from "./edit-distance.ts";

/** Maximum edit distance, by minimum length of the name. */
const EDITS: readonly (readonly [length: number, edits: number])[] = [
  [6, 2],
  [4, 1],
];
const LONGEST = 100;

/** Whether two names probably mean the same column: different case, spaces or hyphens, or one or two typos. Names that differ only in digits are different names. */
export function isNearName(name: string, other: string): boolean {
  if (name.length > LONGEST || other.length > LONGEST) return false;
  const [a, b] = [plain(name), plain(other)];
  if (a === b) return true;
  const edits = EDITS.find(([length]) => Math.min(a.length, b.length) >= length)?.[1] ?? 0;
  return withoutDigits(a) !== withoutDigits(b) && editDistance(a, b) <= edits;
}

const plain = (name: string) => name.toLowerCase().replace(/[\s_.-]+/g, "");
const withoutDigits = (name: string) => name.replace(/\d/g, "");

/** Fewest characters of a name that others extend, such as `churn` of `churned_in_2025`. */
const STEM = 4;

/** Returns the known name that a missing one most likely means: the same apart from spaces at its ends, a misspelled one, or a longer or shorter one. */
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
  stem.length >= STEM && name.length <= LONGEST && name.toLowerCase().startsWith(stem.toLowerCase());

/** Lists names in an error. Spaces at the ends of a name would be invisible without quotes. */
export const listedNames = (names: readonly string[]): string => names.map(shownName).join(", ");

const shownName = (name: string): string => (name === name.trim() && name !== "" ? name : JSON.stringify(name));

/** Continues an error about missing columns with those that there are, and the nearest to the first one that has a near one. */
export function insteadOf(absent: readonly string[], names: readonly string[]): string {
  const found = absent.map((name) => ({ name, near: nearName(name, names) })).find(({ near }) => near !== undefined);
  const all = `it has ${shortened(listedNames(names))}`;
  if (!found) return all;
  const { name, near = "" } = found;
  const of = absent.length > 1 ? ` to ${JSON.stringify(name)}` : "";
  const spaces = near.trim() === name.trim() ? ", which differs in spaces" : "";
  return `${all}. The nearest${of} is ${JSON.stringify(near)}${spaces}`;
}

/** Shortens and cleans an arbitrary text of a file for an error. */
export const shortened = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  (text.length > 200 ? `${text.slice(0, 200)}…` : text).replace(/[\u0000-\u001f\u007f]/g, " ");

/** Maximum number of names to compare; a caller may send any number of them. */
const MOST = 100;

/** A column of the model, and the misspelled name that most likely refers to it. */
export interface NearMiss {
  readonly column: string;
  readonly written: string;
}

/** Returns the first of the model's columns that a request lacks but has under a similar name. */
export function nearMiss(lacking: readonly string[], unknown: readonly string[]): NearMiss | undefined {
  for (const column of lacking)
    for (const written of unknown.slice(0, MOST)) if (isNearName(column, written)) return { column, written };
  return undefined;
}
