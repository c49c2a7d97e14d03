import type { Column } from "../table.ts";
import { categoryAt } from "./binned-values.ts";

/** A category as rows name it. */
export type Category = string | boolean;

/** Categories of a column that have a bin of their own; all others share one. */
export const MOST_CATEGORIES = 20;
/** Rows of the reference that a category must have to be named: the text of a few rows may say who they are. */
export const FEWEST_ROWS_NAMED = 5;
/** Characters of a category that is named; longer ones are no categories, but notes. */
const LONGEST = 100;

export interface CategoryCounts {
  /** The most frequent ones, from the most frequent on. */
  readonly categories: readonly Category[];
  /** Rows of each, and last of all others together. */
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
    // By name where they are as frequent: the same rows give the same bins in any order.
    .sort(([a, first], [b, second]) => second - first || (String(a) < String(b) ? -1 : 1))
    .slice(0, MOST_CATEGORIES);
  const counts = named.map(([, count]) => count);
  const others = rows - missing - counts.reduce((sum, count) => sum + count, 0);
  return { categories: named.map(([category]) => category), counts: [...counts, others], missing };
}
