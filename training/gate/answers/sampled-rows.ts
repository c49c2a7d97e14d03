import type { ClassName, Prediction } from "../../../data/prediction.ts";
import type { Table } from "../../../data/table.ts";
import { type Random, seededRandom } from "../statistics/random.ts";
import { type Sample, sampledAnswer, sampledCells } from "./sample.ts";

/** Enough to detect another model or column order, few enough to read. */
const SAMPLED = 20;
/** Maximum number of columns for which a row with a missing value is added, and of classes for which a row is added. */
const WITH_GAP = 12;
const OF_CLASSES = 28;
/** Maximum number of sampled rows. */
export const MOST_SAMPLES = SAMPLED + WITH_GAP + OF_CLASSES;
const SEED = 20;

/**
 * Samples rows of a stream: 20 of all rows, drawn uniformly and reproducibly, the first row with each column
 * missing, and the first row predicted as each class.
 */
export class SampledRows {
  readonly #draw = new Draw(SAMPLED, seededRandom(SEED));
  readonly #sampled: number[] = [];
  readonly #samples = new Map<number, Sample>();
  /** Rows to keep regardless of the draw. */
  readonly #kept = new Set<number>();
  readonly #columns = new Set<number>();
  readonly #classes = new Set<ClassName>();

  /** @param start row of the first prediction @param batch its input rows */
  take(prediction: Prediction, start: number, batch: Table): void {
    const add = (row: number) => {
      if (!this.#samples.has(start + row))
        this.#samples.set(start + row, { features: sampledCells(batch, row), ...sampledAnswer(prediction, row) });
    };
    for (const row of [...this.#rowsWithGap(batch), ...this.#rowsOfClasses(prediction, batch.rows)]) {
      this.#kept.add(start + row);
      add(row);
    }
    for (let next = this.#draw.next; next < start + batch.rows; next = this.#draw.next) {
      const slot = this.#draw.take();
      const former = this.#sampled[slot];
      if (former !== undefined && !this.#kept.has(former)) this.#samples.delete(former);
      this.#sampled[slot] = next;
      add(next - start);
    }
  }

  /** In row order. */
  finish(): Sample[] {
    return [...this.#samples].sort(([one], [other]) => one - other).map(([, sample]) => sample);
  }

  #rowsWithGap(batch: Table): number[] {
    const rows: number[] = [];
    for (let index = 0; index < batch.fields.length && this.#columns.size < WITH_GAP; index++) {
      if (!batch.fields[index]?.nullable || this.#columns.has(index)) continue;
      const row = firstGap(batch, index);
      if (row < 0) continue;
      this.#columns.add(index);
      rows.push(row);
    }
    return rows;
  }

  #rowsOfClasses(prediction: Prediction, rows: number): number[] {
    if (prediction.kind === "values") return [];
    const { classes, codes } = prediction;
    const isNew = Uint8Array.from(classes, (name) => (this.#classes.has(name) ? 0 : 1));
    const found: number[] = [];
    for (let row = 0; row < rows && isNew.includes(1) && this.#classes.size < OF_CLASSES; row++) {
      const code = codes[row] as number;
      if (isNew[code] === 0) continue;
      isNew[code] = 0;
      this.#classes.add(classes[code] as ClassName);
      found.push(row);
    }
    return found;
  }
}

/** The first row in which a column is missing; -1 if there is none. A list's missing elements count as values. */
function firstGap({ columns, rows }: Table, index: number): number {
  const column = columns[index];
  if (!column) return -1;
  if (column.kind === "text") {
    const at = column.codes.indexOf(-1);
    return at < 0 ? -1 : Math.floor((at * rows) / column.codes.length);
  }
  const { data, offset, stride, missing } = column;
  if (missing) return missing.indexOf(1);
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return -1;
  for (let row = 0; row < rows; row++) if (Number.isNaN(data[offset + row * stride])) return row;
  return -1;
}

/** Draws rows uniformly from a stream of unknown length (algorithm L, Li 1994): few random numbers for many rows. */
class Draw {
  /** The next row to draw. */
  next = 0;
  readonly #size: number;
  readonly #random: Random;
  #weight = 1;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  /** Draws the next row. @returns slot of the sampled row that it replaces */
  take(): number {
    const row = this.next;
    const isFilling = row < this.#size;
    const slot = isFilling ? row : this.#random.below(this.#size);
    if (row >= this.#size - 1) {
      this.#weight *= Math.exp(Math.log(1 - this.#random.uniform()) / this.#size);
      this.next += Math.floor(Math.log(1 - this.#random.uniform()) / Math.log1p(-this.#weight));
    }
    this.next++;
    return slot;
  }
}
