import { editDistance } from "../../data/edit-distance.ts";

/** Maximum edit distance, by minimum length of the name. */
const EDITS: readonly (readonly [length: number, edits: number])[] = [
  [6, 2],
  [4, 1],
];
/** Maximum number of names to compare; a caller may send any number of them. */
const MOST = 100;
const LONGEST = 100;

/** A column of the model, and the misspelled name that most likely refers to it. */
export interface NearMiss {
  readonly column: string;
  readonly written: string;
}

/**
 * Returns the first of the model's columns that a request lacks but has under a similar name: different case, spaces or hyphens, or one or two typos.
 * Names that differ only in digits are different names.
 */
export function nearMiss(lacking: readonly string[], unknown: readonly string[]): NearMiss | undefined {
  for (const column of lacking)
    for (const written of unknown.slice(0, MOST)) if (isNear(column, written)) return { column, written };
  return undefined;
}

function isNear(column: string, written: string): boolean {
  if (column.length > LONGEST || written.length > LONGEST) return false;
  const [a, b] = [plain(column), plain(written)];
  if (a === b) return true;
  const edits = EDITS.find(([length]) => Math.min(a.length, b.length) >= length)?.[1] ?? 0;
  return withoutDigits(a) !== withoutDigits(b) && editDistance(a, b) <= edits;
}

const plain = (name: string) => name.toLowerCase().replace(/[\s_.-]+/g, "");
const withoutDigits = (name: string) => name.replace(/\d/g, "");
