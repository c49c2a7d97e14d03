import type { Binning } from "../../data/drift/binning.ts";
import { binOf, populationStabilityIndex } from "../../data/drift/bins.ts";
import { type Column, denseData, type Table } from "../../data/table.ts";

/** Reference distribution of a feature. */
interface FeatureReference {
  readonly name: string;
  /** Index of its column in the model's signature. */
  readonly fieldIndex: number;
  readonly binning: Binning;
}

export type DriftReference = readonly FeatureReference[];

export interface DriftReport {
  /** Rows in the window so far. */
  readonly rows: number;
  readonly features: readonly FeatureReport[];
}

interface FeatureReport {
  readonly name: string;
  /** Rows of the window per bin. The last bin is for missing values. */
  readonly bins: number[];
  /** Shares of the bins in the reference. */
  readonly shares: number[];
  /** Names of the bins, if they are categories. */
  readonly labels?: readonly string[];
}

/** Size of the sliding window, in rows. */
const WINDOW = 5_000;
/** Maximum number of rows to sample per run, to limit the cost of bulk requests. */
const ROWS_PER_RUN = 64;
/** Minimum number of rows for the index: below it, random variation dominates. */
export const MIN_ROWS = 500;

/** Counts recent rows in the reference's bins, over a sliding window, at the cost of one binary search per number. */
export class Drift {
  readonly #reference: DriftReference;
  /** Ring buffer: the bin of each feature of each row in the window. */
  readonly #bins: Uint16Array;
  readonly #counts: readonly Uint32Array[];
  #next = 0;
  #rows = 0;

  constructor(reference: DriftReference) {
    this.#reference = reference;
    this.#bins = new Uint16Array(WINDOW * reference.length);
    this.#counts = reference.map(({ binning }) => new Uint32Array(binning.shares.length));
  }

  /** @param table the model's columns, in order */
  observe(table: Table): void {
    const { rows } = table;
    const dense = denseData(table);
    const floats = dense instanceof Float32Array ? dense : undefined;
    const fields = table.fields.length;
    const width = this.#reference.length;
    // Samples evenly over the run, because its requests follow one another.
    const step = Math.max(1, Math.floor(rows / ROWS_PER_RUN));
    for (let row = 0, seen = 0; row < rows && seen < ROWS_PER_RUN; row += step, seen++) {
      const full = this.#rows === WINDOW;
      for (let column = 0; column < width; column++) {
        const at = this.#next * width + column;
        const counts = this.#counts[column] as Uint32Array;
        if (full) counts[this.#bins[at] as number] = (counts[this.#bins[at] as number] as number) - 1;
        const { binning, fieldIndex } = this.#reference[column] as FeatureReference;
        const value = floats?.[row * fields + fieldIndex];
        // Avoids creating column objects for dense tables, which most models have.
        const bin =
          value !== undefined && binning.labels === undefined
            ? Number.isNaN(value)
              ? binning.missing
              : binOf(binning.edges, value)
            : binning.binAt(table.columns[fieldIndex] as Column, row);
        this.#bins[at] = bin;
        counts[bin] = (counts[bin] as number) + 1;
      }
      this.#next = (this.#next + 1) % WINDOW;
      if (!full) this.#rows++;
    }
  }

  report(): DriftReport {
    return {
      rows: this.#rows,
      features: this.#reference.map(({ name, binning: { shares, labels } }, column) => ({
        name,
        bins: [...(this.#counts[column] ?? [])],
        shares: [...shares],
        ...(labels && { labels }),
      })),
    };
  }
}

/** Drift of the features over the windows of all processes. */
export interface DriftSummary {
  readonly rows: number;
  /** Population stability index of each feature; null while there are too few rows. */
  readonly psi: Readonly<Record<string, number | null>>;
  /** Share of rows without a value, for features with such rows in the window or in the reference. */
  readonly missing: Readonly<Record<string, number>>;
  /** Name of each bin, and its share in the reference and in the window, for categorical features. */
  readonly categories: Readonly<Record<string, readonly CategoryShare[]>>;
}

interface CategoryShare {
  readonly category: string;
  readonly reference: number;
  readonly window: number;
}

/** Combines the windows of all processes. */
export function driftOf(reports: readonly DriftReport[]): DriftSummary {
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const psi: [string, number | null][] = [];
  const missing: [string, number][] = [];
  const categories: [string, readonly CategoryShare[]][] = [];
  for (const [index, { name, shares, labels }] of (reports[0]?.features ?? []).entries()) {
    const bins = shares.map((_, bin) =>
      reports.reduce((sum, { features }) => sum + (features[index]?.bins[bin] ?? 0), 0),
    );
    const found = bins.map((count) => count / Math.max(1, rows));
    psi.push([name, rows < MIN_ROWS ? null : populationStabilityIndex(shares, found)]);
    const [expected, absent] = [shares.at(-1) ?? 0, found.at(-1) ?? 0];
    if (expected > 0 || absent > 0) missing.push([name, absent]);
    const named = labels?.map((category, bin) => ({ category, reference: shares[bin] ?? 0, window: found[bin] ?? 0 }));
    if (named) categories.push([name, named.filter(({ reference, window }) => reference > 0 || window > 0)]);
  }
  return {
    rows,
    psi: Object.fromEntries(psi),
    missing: Object.fromEntries(missing),
    categories: Object.fromEntries(categories),
  };
}
