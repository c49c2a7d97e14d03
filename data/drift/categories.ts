import type { Column } from "../table.ts";
import { categoryAt } from "./binned-values.ts";

/** A category as it occurs in rows. */
export type Category = string | boolean;

/** Categories of a column with their own bin; all others share one. */
export const MOST_CATEGORIES = 20;
/** Rows of the reference that a category needs to be named: the text of fewer rows could identify them. */
export const FEWEST_ROWS_NAMED = 5;
/** Longest category that is named; longer texts are notes rather than categories. */
const LONGEST = 100;

export interface CategoryCounts {
  /** The most frequent categories, most frequent first. */
  readonly categories: readonly Category[];
  /** Rows of each category, and last of all others together. */
  readonly counts: readonly number[];
  readonly missing: number;
}

/** Counts a column of texts or booleans by category. */
export function countCategories(column: Column, rows: number): CategoryCounts {
  const found = new Map<Category, number>();
  let missing = 0;
  for (let row = 0; row < rows; row++) {
    const category = categoryAt(column, row);
    if (category === undefined) missing++;
    else found.set(category, (found.get(category) ?? 0) + 1);
  }
  const named = [...found]
    .filter(([category, count]) => count >= FEWEST_ROWS_NAMED && String(category).length <= LONGEST)
    // Ties are sorted by name, so that the same rows give the same bins in any order.
    .sort(([a, first], [b, second]) => second - first || (String(a) < String(b) ? -1 : 1))
    .slice(0, MOST_CATEGORIES);
  const counts = named.map(([, count]) => count);
  const others = rows - missing - counts.reduce((sum, count) => sum + count, 0);
  return { categories: named.map(([category]) => category), counts: [...counts, others], missing };
}
