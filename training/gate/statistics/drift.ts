import { quantile } from "./bootstrap.ts";

const BINS = 10;
/** An empty bin counts as this share: the logarithm of 0 is none. */
const SMALLEST_SHARE = 1e-4;

export interface Binned {
  /** Inner edges: distinct quantiles of the reference. */
  readonly edges: number[];
  /** Share of rows a bin, one bin more than edges. */
  readonly reference: number[];
  readonly evaluation: number[];
}

/** Both samples in bins (edge, next edge] between the deciles of the reference. Both are sorted. */
export function binned(reference: Float64Array, evaluation: Float64Array): Binned {
  const all = Array.from({ length: BINS - 1 }, (_, index) => quantile(reference, (index + 1) / BINS));
  // A column of few values has deciles that are the same; the largest value bounds no bin.
  const edges = [...new Set(all)].filter((edge) => edge < (reference[reference.length - 1] as number));
  return { edges, reference: shares(reference, edges), evaluation: shares(evaluation, edges) };
}

function shares(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value > (edges[bin] as number)) bin++;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => count / sorted.length);
}

/** Population stability index: the sum over bins of (a - r) ln(a / r). 0 is no drift; above 0.25 is held to be a large one. */
export function populationStability({ reference, evaluation }: Pick<Binned, "reference" | "evaluation">): number {
  return reference.reduce((sum, share, bin) => {
    const [was, is] = [Math.max(share, SMALLEST_SHARE), Math.max(evaluation[bin] ?? 0, SMALLEST_SHARE)];
    return sum + (is - was) * Math.log(is / was);
  }, 0);
}

/** Two-sample Kolmogorov-Smirnov statistic: the largest distance of the two distribution functions. Both samples are sorted. */
export function kolmogorovSmirnov(first: Float64Array, second: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i] as number, second[j] as number);
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
    largest = Math.max(largest, Math.abs(i / first.length - j / second.length));
  }
  return largest;
}

/**
 * The statistic's p-value by Kolmogorov's limiting distribution (scipy.special.kolmogorov): 2 sum (-1)^(k-1) exp(-2 k^2 x^2)
 * at x = D sqrt(n m / (n + m)). For columns with ties it is on the safe side: too large.
 */
export function ksPValue(statistic: number, n: number, m: number): number {
  const x = statistic * Math.sqrt((n * m) / (n + m));
  // Below 0.2 the series does not converge in time, and the p-value is 1 to twelve digits.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/** p-values adjusted after Benjamini and Hochberg: rejecting those below a level keeps the false discovery rate at that level. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = new Array<number>(pValues.length);
  let smallest = 1;
  for (const [place, index] of order.entries()) {
    smallest = Math.min(smallest, ((pValues[index] as number) * pValues.length) / (pValues.length - place));
    adjusted[index] = smallest;
  }
  return adjusted;
}
