import type { Column } from "../table.ts";
import { categoryAt } from "./binned-values.ts";
import { populationStabilityIndex } from "./bins.ts";

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
  const { found, missing } = tally(column, rows);
  const names = namesOf(found);
  const all = names.map((name) => found.get(name) as number);
  const named = mostFrequent(all);
  const counts = named.map((index) => all[index] as number);
  const others = rows - missing - counts.reduce((sum, count) => sum + count, 0);
  return { categories: named.map((index) => names[index] as Category), counts: [...counts, others], missing };
}

function tally(column: Column, rows: number) {
  const found = new Map<Category, number>();
  let missing = 0;
  for (let row = 0; row < rows; row++) {
    const category = categoryAt(column, row);
    if (category === undefined) missing++;
    else found.set(category, (found.get(category) ?? 0) + 1);
  }
  return { found, missing };
}

/** Returns the categories with enough rows to be named. Sorted by name, so that bins do not depend on the order of the rows. */
const namesOf = (found: ReadonlyMap<Category, number>): Category[] =>
  [...found]
    .filter(([category, count]) => count >= FEWEST_ROWS_NAMED && String(category).length <= MAX_LENGTH)
    .map(([category]) => category)
    .sort((a, b) => (String(a) < String(b) ? -1 : 1));

/** Returns the indexes of the categories that get their own bin, most frequent first, ties in order. */
function mostFrequent(counts: readonly number[]): number[] {
  const named: number[] = [];
  for (const [index, count] of counts.entries()) {
    if (count < FEWEST_ROWS_NAMED) continue;
    let at = named.length;
    while (at > 0 && (counts[named[at - 1] as number] as number) < count) at--;
    if (at === MOST_CATEGORIES) continue;
    named.splice(at, 0, index);
    if (named.length > MOST_CATEGORIES) named.pop();
  }
  return named;
}

/** Rows of two columns in the same categories: of those that could get a bin, then of all others together, then of missing values. */
export interface SharedCounts {
  readonly reference: readonly number[];
  readonly evaluation: readonly number[];
}

/** Counts both columns' rows before any bins are chosen. */
export function sharedCounts(
  reference: Column,
  evaluation: Column,
  rows: { readonly reference: number; readonly evaluation: number },
): SharedCounts {
  const [before, after] = [tally(reference, rows.reference), tally(evaluation, rows.evaluation)];
  const both = new Map(before.found);
  for (const [category, count] of after.found) both.set(category, (both.get(category) ?? 0) + count);
  const names = namesOf(both);
  const counts = ({ found, missing }: ReturnType<typeof tally>, all: number) => {
    const named = names.map((name) => found.get(name) ?? 0);
    return [...named, all - missing - named.reduce((sum, count) => sum + count, 0), missing];
  };
  return { reference: counts(before, rows.reference), evaluation: counts(after, rows.evaluation) };
}

/** Computes the population stability index over the bins that the reference chooses: that of columnDrift. */
export function categoryIndex({ reference, evaluation }: SharedCounts): number {
  const named = mostFrequent(reference.slice(0, -2));
  const shares = (counts: readonly number[]) => {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const own = named.map((index) => counts[index] as number);
    const missing = counts[counts.length - 1] as number;
    const others = rows - missing - own.reduce((sum, count) => sum + count, 0);
    return [...own, others, missing].map((count) => count / rows);
  };
  return populationStabilityIndex(shares(reference), shares(evaluation));
}
