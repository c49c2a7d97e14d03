import { isNearName } from "../../data/near-name.ts";

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
