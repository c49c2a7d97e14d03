import type { Field } from "../field.ts";
import type { Column, NumberColumn } from "../table.ts";
import { categoryAt, isCategorical, isExact, numberAt, presentNumbers } from "./binned-values.ts";
import { BINS, binOf, binsOf, toFloat32 } from "./bins.ts";
import { type Category, countCategories } from "./categories.ts";

/** A reference column in its JSON form. */
export interface ColumnBins {
  readonly name: string;
  /** For numbers and datetimes: see Bins. Shares are of the rows with a value. */
  readonly edges?: readonly number[];
  readonly shares?: readonly number[];
  /** Set if the edges are whole numbers or datetimes that float32 cannot represent: values are then compared exactly. */
  readonly exact?: true;
  /** For strings and booleans: the categories with their own bin. */
  readonly categories?: readonly Category[];
  /** Shares of the rows with a value: one per category, then one for all others together. */
  readonly categoryShares?: readonly number[];
  /** Share of the rows without a value; absent if every row has one. */
  readonly missing?: number;
}

/** Builds the bins of a reference column. @param field a scalar field */
export function columnBins(field: Field, column: Column, rows: number): ColumnBins {
  const { name } = field;
  if (isCategorical(field)) {
    const { categories, counts, missing } = countCategories(column, rows);
    const present = Math.max(1, rows - missing);
    return { name, categories, categoryShares: counts.map((count) => count / present), ...missingShare(missing, rows) };
  }
  const { values, missing } = presentNumbers(column, field, rows);
  const rounded = toFloat32(values);
  const exact = isExact(field) && values.some((value, index) => value !== rounded[index]);
  const of = exact ? values : rounded;
  const { edges, shares } = of.length === 0 ? NO_BINS : binsOf(of);
  return {
    name,
    edges: [...edges],
    shares: [...shares],
    ...(exact && { exact }),
    ...missingShare(missing, rows),
  };
}

/** One bin, for a column whose values are all missing. */
const NO_BINS = { edges: [], shares: [1] };
const missingShare = (missing: number, rows: number) => (missing > 0 ? { missing: missing / rows } : {});

/** Bins for counting: the column's own, followed by one for missing values. */
export interface Binning {
  /** Shares in the reference, of all rows. */
  readonly shares: Float64Array;
  /** Categories with their own bin, most frequent first; [] for numeric bins. */
  readonly categories: readonly Category[];
  /** Name of each bin; undefined for numeric bins, which have edges. */
  readonly labels: readonly string[] | undefined;
  readonly edges: Float64Array;
  /** Index of the bin of missing values. */
  readonly missing: number;
  binAt(column: Column, row: number): number;
}

const MISSING = "(missing)";
const OTHER = "(other)";

/** Returns the bins for a field's values; undefined if the bins were built for another kind of value. @param field of the rows to count */
export function binningOf(bins: ColumnBins, field: Field): Binning | undefined {
  const { edges, shares, categories, categoryShares, exact = false } = bins;
  if (field.type !== "string" && edges && shares) return numberBinning(bins, edges, shares, exact, field);
  if (!categories || !categoryShares || !isCategorical(field)) return undefined;
  const byCategory = new Map(categories.map((category, bin) => [category, bin]));
  const other = categories.length;
  return {
    shares: withMissing(categoryShares, bins),
    categories,
    labels: [...categories.map(String), OTHER, MISSING],
    edges: new Float64Array(0),
    missing: other + 1,
    binAt(column, row) {
      const category = categoryAt(column, row);
      return category === undefined ? other + 1 : (byCategory.get(category) ?? other);
    },
  };
}

function numberBinning(
  bins: ColumnBins,
  edges: readonly number[],
  shares: readonly number[],
  exact: boolean,
  { type }: Field,
): Binning {
  const inner = Float64Array.from(edges);
  const missing = shares.length;
  return {
    shares: withMissing(shares, bins),
    categories: [],
    labels: undefined,
    edges: inner,
    missing,
    binAt(column, row) {
      const value = column.kind === "number" ? numberAt(column as NumberColumn, type, row) : Number.NaN;
      return Number.isFinite(value) ? binOf(inner, exact ? value : Math.fround(value)) : missing;
    },
  };
}

function withMissing(shares: readonly number[], { missing = 0 }: ColumnBins): Float64Array {
  const all = new Float64Array(shares.length + 1);
  for (const [bin, share] of shares.entries()) all[bin] = share * (1 - missing);
  all[shares.length] = missing;
  return all;
}

/** Minimum number of rows of a reference. */
export const MIN_REFERENCE_ROWS = BINS;
