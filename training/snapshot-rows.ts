const LABEL = "label";
/** Decimal numbers only: Number() would also take "", " ", "0x10" and "Infinity". */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Collects the rows of a snapshot, and refuses what a model cannot be fitted to or judged on. */
export class SnapshotRows {
  private readonly path: string;
  private columns: readonly string[] | undefined;
  private features = new Float64Array(1024);
  private labels = new Int32Array(64);
  private rows = 0;

  /** @param path the file, named in errors */
  constructor(path: string) {
    this.path = path;
  }

  /** Takes the header first, then row after row. Throws an Error that names file, line and column. */
  add(cells: readonly string[], line: number): void {
    if (this.columns) this.addRow(this.columns, cells, line);
    else this.columns = this.header(cells, line);
  }

  finish() {
    const { columns, rows } = this;
    if (!columns) throw new Error(`${this.path} is empty: it needs a header line and rows`);
    if (rows === 0) throw new Error(`${this.path} has a header but no rows`);
    const features = this.features.subarray(0, rows * columns.length);
    return { columns, features, labels: this.labels.subarray(0, rows), rows };
  }

  private header(cells: readonly string[], line: number): readonly string[] {
    const names = cells.map((cell) => cell.trim());
    if (names.at(-1) !== LABEL)
      throw this.refusal(line, `the last column of the header must be "${LABEL}", got "${names.at(-1)}"`);
    if (names.length < 2) throw this.refusal(line, `the header names no feature beside "${LABEL}"`);
    for (const [index, name] of names.entries()) {
      if (name === "") throw this.refusal(line, `column ${index + 1} has no name`);
      if (names.indexOf(name) !== index) throw this.refusal(line, `the header names column "${name}" twice`);
    }
    return names.slice(0, -1);
  }

  private addRow(columns: readonly string[], cells: readonly string[], line: number): void {
    if (cells.length === 1 && cells[0] === "") throw this.refusal(line, "the line is empty");
    if (cells.length !== columns.length + 1)
      throw this.refusal(line, `${cells.length} values, the header has ${columns.length + 1} columns`);
    this.grow((this.rows + 1) * columns.length);
    const start = this.rows * columns.length;
    for (let column = 0; column < columns.length; column++) {
      const cell = cells[column] as string;
      const value = Number(cell);
      if (!NUMBER.test(cell)) throw this.refusal(line, notANumber(columns[column] as string, cell));
      // Models take float32: what overflows there would be judged and served as infinite.
      if (!Number.isFinite(Math.fround(value)))
        throw this.refusal(line, `column ${columns[column]}: ${cell} is beyond the range of float32`);
      this.features[start + column] = value;
    }
    this.labels[this.rows] = this.label(cells[columns.length] as string, line);
    this.rows++;
  }

  private label(cell: string, line: number): number {
    const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
    if (value !== 0 && value !== 1)
      throw this.refusal(line, cell === "" ? notANumber(LABEL, cell) : `column ${LABEL} must be 0 or 1, got "${cell}"`);
    // Adding 0 turns -0 into 0.
    return value + 0;
  }

  private grow(features: number): void {
    if (features > this.features.length) this.features = enlarged(this.features, features);
    if (this.rows === this.labels.length) this.labels = enlarged(this.labels, this.rows + 1);
  }

  private refusal(line: number, reason: string): Error {
    return new Error(`${this.path}:${line}: ${reason}`);
  }
}

const notANumber = (column: string, cell: string) =>
  cell.trim() === "" ? `column ${column} is empty` : `column ${column} must be a finite number, got "${cell}"`;

function enlarged<T extends Float64Array | Int32Array>(values: T, atLeast: number): T {
  const larger = new (values.constructor as new (length: number) => T)(Math.max(atLeast, values.length * 2));
  larger.set(values);
  return larger;
}
