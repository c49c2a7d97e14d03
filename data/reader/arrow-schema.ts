/** Marker before the length of an Arrow message; absent in files written before Arrow 0.15. */
const CONTINUATION = 0xff_ff_ff_ff;
/** Arrow's `Type.Duration`. */
const DURATION = 18;

/**
 * Returns the names of columns that contain durations or lists of durations. Parquet has no such type: pyarrow, pandas and polars store whole numbers,
 * and record the type only in the Arrow schema in the file's metadata. DuckDB ignores that schema.
 * @param schema value of the metadata key `ARROW:schema`: an Arrow message (a FlatBuffer) in base64
 */
export function durationColumns(schema: string): ReadonlySet<string> {
  const bytes = Buffer.from(schema, "base64");
  const message = tableAt(bytes, bytes.readUInt32LE(0) === CONTINUATION ? 8 : 4);
  const fields = message.table(2)?.tables(1) ?? [];
  return new Set(fields.filter(holdsDurations).map((field) => field.text(0)));
}

const holdsDurations = (field: FlatTable): boolean =>
  field.byte(2) === DURATION || field.tables(5).some(holdsDurations);

/** A table of a FlatBuffer. Fields are addressed by number; absent fields are 0, empty or undefined. */
class FlatTable {
  readonly #bytes: Buffer;
  readonly #start: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#start = start;
  }

  byte(field: number): number {
    const at = this.#positionOf(field);
    return at === undefined ? 0 : this.#bytes.readUInt8(at);
  }

  text(field: number): string {
    const at = this.#positionOf(field);
    if (at === undefined) return "";
    const start = at + this.#bytes.readUInt32LE(at);
    return this.#bytes.toString("utf8", start + 4, start + 4 + this.#bytes.readUInt32LE(start));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#positionOf(field);
    return at === undefined ? undefined : tableAt(this.#bytes, at);
  }

  tables(field: number): FlatTable[] {
    const at = this.#positionOf(field);
    if (at === undefined) return [];
    const start = at + this.#bytes.readUInt32LE(at);
    return Array.from({ length: this.#bytes.readUInt32LE(start) }, (_, index) =>
      tableAt(this.#bytes, start + 4 + index * 4),
    );
  }

  /** Returns the position of a field, from the table's list of offsets; undefined if it is absent. */
  #positionOf(field: number): number | undefined {
    const offsets = this.#start - this.#bytes.readInt32LE(this.#start);
    const entry = 4 + field * 2;
    if (entry >= this.#bytes.readUInt16LE(offsets)) return undefined;
    const offset = this.#bytes.readUInt16LE(offsets + entry);
    return offset === 0 ? undefined : this.#start + offset;
  }
}

const tableAt = (bytes: Buffer, reference: number) => new FlatTable(bytes, reference + bytes.readUInt32LE(reference));
