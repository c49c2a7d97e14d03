import { categoryIndex, type SharedCounts } from "../../../data/drift/categories.ts";
import { isRare, MAX_EXACT_VARIANCE } from "./psi-significance.ts";
import type { Random } from "./random.ts";

/** Equal indexes may differ by rounding, and must count as reached. */
const ROUNDING = 1e-12;

/**
 * Tests the population stability index of a column of categories by permutation: it reshuffles the rows of both snapshots and lets each dealt reference
 * choose its own bins. With fixed bins, the reference's most frequent categories would appear to become rarer, because some are frequent by chance.
 * Without drift, every deal is as likely as the observed one, so that the probability of a false alarm is at most the level, for any distribution.
 * @param level such as 0.01 / columns
 */
export function isCategoryPsiSignificant(counts: SharedCounts, level: number, seed: number): boolean {
  const pooled = counts.reference.map((count, index) => count + (counts.evaluation[index] as number));
  const rows = counts.reference.reduce((sum, count) => sum + count, 0);
  return isRare(categoryIndex(counts) - ROUNDING, level, seed, (random) => {
    const reference = deal(pooled, rows, random);
    return categoryIndex({ reference, evaluation: pooled.map((count, index) => count - (reference[index] as number)) });
  });
}

/** Deals `rows` of the pooled rows to the reference. Returns its rows per category. */
function deal(pooled: readonly number[], rows: number, random: Random): number[] {
  let [left, total] = [rows, pooled.reduce((sum, count) => sum + count, 0)];
  return pooled.map((count) => {
    const own = hypergeometric(total, count, left, random);
    left -= own;
    total -= count;
    return own;
  });
}

/** Draws how many of `marked` rows out of `total` are among `drawn` rows, drawn without replacement. */
function hypergeometric(total: number, marked: number, drawn: number, random: Random): number {
  if (marked > total / 2) return drawn - hypergeometric(total, total - marked, drawn, random);
  if (drawn > total / 2) return marked - hypergeometric(total, marked, total - drawn, random);
  if (marked > drawn) return hypergeometric(total, drawn, marked, random);
  if (marked === 0) return 0;
  const mean = (marked * drawn) / total;
  const variance = (mean * (1 - marked / total) * (total - drawn)) / (total - 1);
  if (variance > MAX_EXACT_VARIANCE)
    return Math.min(marked, Math.max(0, Math.round(mean + Math.sqrt(variance) * random.normal())));
  let found = 0;
  for (let row = 0; row < marked; row++) if (random.uniform() * (total - row) < drawn - found) found++;
  return found;
}
