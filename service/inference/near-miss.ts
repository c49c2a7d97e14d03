import { editDistance } from "../../data/edit-distance.ts";

/** Edits that a name of so many characters may be away, by whether it is at least that long. */
const EDITS: readonly (readonly [length: number, edits: number])[] = [
  [6, 2],
  [4, 1],
];
/** Names that are looked at; a caller may send any number of them. */
const MOST = 100;
const LONGEST = 100;

/** A column of the model, and the name that a caller most likely meant it by. */
export interface NearMiss {
  readonly column: string;
  readonly written: string;
}

/**
 * The first of the model's columns that a request lacks, but has under a name that is nearly its own: in other letters' case, with other spaces or hyphens, or
 * a slip or two away. Names that differ in their digits alone are different names.
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
