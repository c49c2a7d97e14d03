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
  const edges = innerEdges(reference);
  return { edges, reference: shares(reference, edges), evaluation: shares(evaluation, edges) };
}

/** The deciles. Where values repeat some are the same, and there are fewer bins. */
function innerEdges(sorted: Float64Array): number[] {
  const edges = new Set(Array.from({ length: BINS - 1 }, (_, index) => quantile(sorted, (index + 1) / BINS)));
  const largest = sorted[sorted.length - 1] as number;
  // A value that a tenth of the rows and more have, such as the 1 of a yes-no column, has a bin of its own even if it is the largest.
  if (edges.has(largest)) edges.add(sorted.findLast((value) => value < largest) ?? justBelow(largest));
  return [...edges].sort((a, b) => a - b);
}

const justBelow = (value: number) => value - Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);

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
