import type { Field } from "../field.ts";
import type { Column } from "../table.ts";
import { isBinned, isCategorical, presentNumbers } from "./binned-values.ts";
import { binningOf, columnBins } from "./binning.ts";
import { populationStabilityIndex } from "./bins.ts";
import { type SharedCounts, sharedCounts } from "./categories.ts";

/** Drift of a column against the reference. */
export interface ColumnDrift {
  readonly feature: string;
  readonly psi: number;
  /** Inner edges for numbers or datetimes; [] for categories. */
  readonly edges: readonly number[];
  /** Name of each category's bin; categories.ts decides which are named. */
  readonly labels?: readonly string[] | undefined;
  /** Share of the rows in each bin. The last bin holds missing values if either side has some. */
  readonly reference: readonly number[];
  readonly evaluation: readonly number[];
  /** Whether there is a bin of missing values. */
  readonly hasMissing: boolean;
  /** Non-missing numbers, sorted, for tests of continuous columns. Absent for categories, and if both sides are empty. */
  readonly samples?: { readonly reference: Float64Array; readonly evaluation: Float64Array };
  /** Counts the rows by category, for a test of categories. Absent for numbers. */
  readonly counts?: () => SharedCounts;
}

/**
 * Compares a column of an evaluation snapshot with the reference, as the service does with requests. Returns undefined for a field with dimensions.
 * @param field of both columns
 */
export function columnDrift(
  field: Field,
  reference: Column,
  evaluation: Column,
  rows: { readonly reference: number; readonly evaluation: number },
): ColumnDrift | undefined {
  if (!isBinned(field)) return undefined;
  const bins = columnBins(field, reference, rows.reference);
  const binning = binningOf(bins, field);
  if (!binning) return undefined;
  const counts = new Float64Array(binning.shares.length);
  for (let row = 0; row < rows.evaluation; row++) {
    const bin = binning.binAt(evaluation, row);
    counts[bin] = (counts[bin] as number) + 1;
  }
  const shares = counts.map((count) => count / rows.evaluation);
  const hasMissing = bins.missing !== undefined || (counts[binning.missing] as number) > 0;
  const usedBins = (all: ArrayLike<number>): number[] => Array.from(all).slice(0, hasMissing ? undefined : -1);
  const [expected, found] = [usedBins(binning.shares), usedBins(shares)];
  const samples = isCategorical(field)
    ? undefined
    : {
        reference: presentNumbers(reference, field, rows.reference).values.sort(),
        evaluation: presentNumbers(evaluation, field, rows.evaluation).values.sort(),
      };
  return {
    feature: field.name,
    psi: populationStabilityIndex(expected, found),
    edges: [...binning.edges],
    ...(binning.labels && { labels: binning.labels.slice(0, expected.length) }),
    reference: expected,
    evaluation: found,
    hasMissing,
    ...(isCategorical(field) && { counts: () => sharedCounts(reference, evaluation, rows) }),
    ...(samples && (samples.reference.length > 0 || samples.evaluation.length > 0) && { samples }),
  };
}
