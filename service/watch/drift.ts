import { type Bins, binOf } from "../../data/drift/bins.ts";
import { populationStabilityIndex } from "../../data/drift/psi.ts";
import { denseData, type Table } from "../../data/table.ts";

/** How a feature is spread in the rows that others are compared with. */
export interface FeatureReference extends Bins {
  readonly name: string;
  /** Place of its column in the model's signature. */
  readonly place: number;
}

export type DriftReference = readonly FeatureReference[];

export interface DriftReport {
  /** Rows of the window so far. */
  readonly rows: number;
  /** Of each feature: rows of the window in each bin, beside the reference's shares. */
  readonly features: readonly { readonly name: string; readonly bins: number[]; readonly shares: number[] }[];
}

/** The last rows that are looked at. */
const WINDOW = 5_000;
/** Rows looked at of one run: a bulk request says no more about a feature's spread than its first rows do, and must not cost more. */
const ROWS_A_RUN = 64;
/** Below this many rows chance alone moves the index. */
export const FEWEST_ROWS = 500;

/** Counts the last rows into the reference's bins: a sliding window, for the cost of a binary search a number. */
export class Drift {
  readonly #reference: DriftReference;
  /** Bin of each feature of each row of the window; a ring. */
  readonly #bins: Uint8Array;
  readonly #counts: readonly Uint32Array[];
  #next = 0;
  #rows = 0;

  constructor(reference: DriftReference) {
    this.#reference = reference;
    this.#bins = new Uint8Array(WINDOW * reference.length);
    this.#counts = reference.map(({ shares }) => new Uint32Array(shares.length));
  }

  /** @param table the model's columns, in order */
  observe(table: Table): void {
    const { rows } = table;
    const dense = denseData(table);
    const fields = table.fields.length;
    const width = this.#reference.length;
    // Spread over the run: its requests come one after the other.
    const step = Math.max(1, Math.floor(rows / ROWS_A_RUN));
    for (let row = 0, seen = 0; row < rows && seen < ROWS_A_RUN; row += step, seen++) {
      const full = this.#rows === WINDOW;
      for (let column = 0; column < width; column++) {
        const at = this.#next * width + column;
        const counts = this.#counts[column] as Uint32Array;
        if (full) counts[this.#bins[at] as number] = (counts[this.#bins[at] as number] as number) - 1;
        const { edges, place } = this.#reference[column] as FeatureReference;
        const value = dense ? dense[row * fields + place] : numberAt(table, place, row);
        const bin = binOf(edges, Number(value));
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
      features: this.#reference.map(({ name, shares }, column) => ({
        name,
        bins: [...(this.#counts[column] ?? [])],
        shares: [...shares],
      })),
    };
  }
}

/** NaN, which belongs to the last bin, for what is missing. */
function numberAt({ columns }: Table, place: number, row: number): number | bigint {
  const column = columns[place];
  if (column?.kind !== "number" || column.missing?.[row] === 1) return Number.NaN;
  return column.data[column.offset + row * column.stride] ?? Number.NaN;
}

/** PSI of each feature over the windows of all processes; null while there are too few rows to tell. */
export function driftOf(reports: readonly DriftReport[]): { rows: number; psi: Record<string, number | null> } {
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const psi = (reports[0]?.features ?? []).map(({ name, shares }, index): [string, number | null] => {
    const bins = shares.map((_, bin) =>
      reports.reduce((sum, { features }) => sum + (features[index]?.bins[bin] ?? 0), 0),
    );
    const found = bins.map((count) => count / rows);
    return [name, rows < FEWEST_ROWS ? null : populationStabilityIndex(shares, found)];
  });
  return { rows, psi: Object.fromEntries(psi) };
}
