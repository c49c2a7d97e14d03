import type { Column } from "../table.ts";
import { categoryAt } from "./binned-values.ts";

/** A category, as it occurs in the rows. */
export type Category = string | boolean;

/** Maximum number of categories with their own bin; all others share one. */
export const MOST_CATEGORIES = 20;
/** Minimum number of reference rows of a named category: a rarer value could identify a person. */
export const FEWEST_ROWS_NAMED = 5;
/** Maximum length of a named category; longer strings are notes rather than categories. */
const MAX_LENGTH = 100;

export interface CategoryCounts {
  /** The most frequent categories, most frequent first. */
  readonly categories: readonly Category[];
  /** Rows per category, then of all others together. */
  readonly counts: readonly number[];
  readonly missing: number;
}

/** Counts the rows of a string or boolean column by category. */
export function countCategories(column: Column, rows: number): CategoryCounts {
  const found = new Map<Category, number>();
  let missing = 0;
  for (let row = 0; row < rows; row++) {
    const category = categoryAt(column, row);
    if (category === undefined) missing++;
    else found.set(category, (found.get(category) ?? 0) + 1);
  }
  const named = [...found]
    .filter(([category, count]) => count >= FEWEST_ROWS_NAMED && String(category).length <= MAX_LENGTH)
    // Ties are sorted by name, so that the bins do not depend on the order of the rows.
    .sort(([a, first], [b, second]) => second - first || (String(a) < String(b) ? -1 : 1))
    .slice(0, MOST_CATEGORIES);
  const counts = named.map(([, count]) => count);
  const others = rows - missing - counts.reduce((sum, count) => sum + count, 0);
  return { categories: named.map(([category]) => category), counts: [...counts, others], missing };
}
