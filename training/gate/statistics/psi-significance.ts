import { populationStabilityIndex } from "../../../data/drift/bins.ts";
import { gamma } from "./dirichlet.ts";
import { type Random, seededRandom } from "./random.ts";

interface Bins {
  /** Rows of the reference per bin. */
  readonly reference: readonly number[];
  /** Total rows of the evaluation. */
  readonly rows: number;
  /** Observed population stability index. */
  readonly psi: number;
}

/** Turns an index into a whole number; rounds away differences between machines. */
const INDEX_STEPS = 1e9;
/** Draws are this number / level, so that up to three of them may reach the observed value. */
const DRAWS_PER_LEVEL = 4;

/**
 * Tests a population stability index against its distribution without drift at these sizes. Draws the bins' true shares from what the reference reveals
 * about them (Dirichlet, which is exact for bins between its order statistics), and then the evaluation's rows from these shares. This is a Monte Carlo
 * test (Besag and Clifford 1991): the index is significant if (1 + draws at least as large) / (1 + draws) is at most the level. Without drift, the
 * probability of that is at most the level.
 * @param level such as 0.01 / columns
 */
export function isPsiSignificant({ reference, rows, psi }: Bins, level: number, seed: number): boolean {
  const total = reference.reduce((sum, count) => sum + count, 0);
  const expected = reference.map((count) => count / total);
  return isRare(psi, level, seed, (random) => {
    // Half a row for a bin without reference rows, because it may be rare.
    const shares = reference.map((count) => gamma(count > 0 ? count : 0.5, random));
    const drawn = multinomial(rows, shares, random).map((count) => count / rows);
    return populationStabilityIndex(expected, drawn);
  });
}

/**
 * Whether draws without drift rarely reach the observed index. Their seed depends on the index: with the same draws for all snapshots, chance would
 * decide once whether 0.5 % or 2 % of them fail.
 */
export function isRare(psi: number, level: number, seed: number, drawIndex: (random: Random) => number): boolean {
  const draws = Math.ceil(DRAWS_PER_LEVEL / level);
  const maxLarger = Math.floor(level * (1 + draws)) - 1;
  const random = seededRandom(seed + Math.round(psi * INDEX_STEPS));
  let larger = 0;
  for (let draw = 0; draw < draws; draw++) if (drawIndex(random) >= psi && ++larger > maxLarger) return false;
  return true;
}

function multinomial(rows: number, weights: readonly number[], random: Random): number[] {
  let [remaining, weight] = [rows, weights.reduce((sum, one) => sum + one, 0)];
  return weights.map((own, bin) => {
    const count =
      bin === weights.length - 1 ? remaining : binomial(remaining, weight > 0 ? Math.min(1, own / weight) : 0, random);
    remaining -= count;
    weight -= own;
    return count;
  });
}

/** With a larger variance, a rounded normal is close enough here. */
export const MAX_EXACT_VARIANCE = 100;

function binomial(trials: number, share: number, random: Random): number {
  if (share > 0.5) return trials - binomial(trials, 1 - share, random);
  if (trials === 0 || share <= 0) return 0;
  const variance = trials * share * (1 - share);
  if (variance > MAX_EXACT_VARIANCE) {
    const count = Math.round(trials * share + Math.sqrt(variance) * random.normal());
    return Math.min(trials, Math.max(0, count));
  }
  // Draws by inversion. The mean is below 200.
  const odds = share / (1 - share);
  let term = Math.exp(trials * Math.log1p(-share));
  let count = 0;
  for (let rest = random.uniform() - term; rest > 0 && count < trials; rest -= term) {
    term *= ((trials - count) / (count + 1)) * odds;
    count++;
  }
  return count;
}
