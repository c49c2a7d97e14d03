const LABEL = "label";
/** Decimal numbers only: Number() would also take "", " ", "0x10" and "Infinity". */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const PANDAS_INDEX = /^__index_level_\d+__$/;

/** Collects the rows of a snapshot, and refuses what a model cannot be fitted to or judged on. */
export class SnapshotRows {
  /** Row-major; longer than what is in it, as is `labels`. */
  features = new Float64Array(1024);
  labels = new Int32Array(64);
  rows = 0;
  private readonly path: string;
  private columns: readonly string[] | undefined;

  private readonly unit: "line" | "row";

  /**
   * @param path the file, named in errors
   * @param unit what is counted in them: `data.csv:3:`, `data.parquet row 3:`
   */
  constructor(path: string, unit: "line" | "row" = "line") {
    this.path = path;
    this.unit = unit;
  }

  /** Columns of features; 0 before the header. */
  get width(): number {
    return this.columns?.length ?? 0;
  }

  /** Takes the header first, then row after row. Throws an Error that names file, line and column. */
  add(cells: readonly string[], line: number): void {
    if (this.columns) this.addRow(this.columns, cells, line);
    else {
      this.columns = this.header(cells, line);
      this.reserve(this.labels.length);
    }
  }

  /**
   * Takes the numbers of one column; the label's is the one after the features'. There must be room: see reserve.
   * @param first index of the row that the first value belongs to, from 0
   */
  setColumn(column: number, values: ArrayLike<unknown>, first: number): void {
    const { width } = this;
    const name = this.columns?.[column] ?? LABEL;
    for (let index = 0; index < values.length; index++) {
      const value = toNumber(values[index]);
      if (column === width) {
        if (value !== 0 && value !== 1)
          throw this.refusal(first + index + 1, `column ${LABEL} must be 0 or 1, got ${value ?? "no number"}`);
        this.labels[first + index] = value;
      } else {
        if (value === undefined || !Number.isFinite(Math.fround(value)))
          throw this.refusal(first + index + 1, unfit(name, value));
        this.features[(first + index) * width + column] = value;
      }
    }
  }

  /** Makes room for this many rows in all. */
  reserve(rows: number): void {
    if (rows * this.width > this.features.length) this.features = enlarged(this.features, rows * this.width);
    if (rows > this.labels.length) this.labels = enlarged(this.labels, rows);
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
      throw this.refusal(
        line,
        `the last column of the header must be "${LABEL}", got "${names.at(-1)}"${PANDAS_INDEX.test(names.at(-1) ?? "") ? ": write the file without pandas' index (index=False)" : ""}`,
      );
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
    if (this.rows === this.labels.length) this.reserve(this.rows * 2);
    const start = this.rows * columns.length;
    for (let column = 0; column < columns.length; column++) {
      const cell = cells[column] as string;
      const value = Number(cell);
      if (!NUMBER.test(cell)) throw this.refusal(line, notANumber(columns[column] as string, cell));
      // Models take float32: what overflows there would be judged and served as infinite.
      if (!Number.isFinite(Math.fround(value)))
        throw this.refusal(line, beyondFloat32(columns[column] as string, cell));
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

  private refusal(line: number, reason: string): Error {
    // A Parquet file's columns stand in no row of it.
    const place = this.unit === "line" ? `:${line}` : line > 0 ? ` row ${line}` : "";
    return new Error(`${this.path}${place}: ${reason}`);
  }
}

const beyondFloat32 = (column: string, cell: string) => `column ${column}: ${cell} is beyond the range of float32`;

function unfit(column: string, value: number | undefined): string {
  if (value === undefined) return `column ${column} is empty or holds no number`;
  return Number.isFinite(value) ? beyondFloat32(column, String(value)) : notANumber(column, String(value));
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "bigint" || typeof value === "boolean" ? Number(value) : undefined;
}

const notANumber = (column: string, cell: string) =>
  cell.trim() === "" ? `column ${column} is empty` : `column ${column} must be a finite number, got "${cell}"`;

function enlarged<T extends Float64Array | Int32Array>(values: T, length: number): T {
  const larger = new (values.constructor as new (length: number) => T)(length);
  larger.set(values);
  return larger;
}
