import type { StoredKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import type { TypedBatch } from "./typed-columns.ts";

/** An opened file, whose columns are known. */
export interface OpenedFile {
  readonly columns: readonly {
    readonly name: string;
    /** "any" for CSV, whose cells are untyped. */
    readonly kind: StoredKind | "any";
    /** Stored type of a Parquet column, for errors. */
    readonly stored?: string;
  }[];
  /** Estimated number of rows. */
  readonly likelyRows?: number | undefined;
  /** Location of the column names, for errors. */
  readonly header: string;
  /** Returns the location of a row, for errors. @param row from 0 */
  locate(row: number): Promise<string>;
  /** Reads the rows in order. @param fields columns to read @param most rows per batch; the last batch may have fewer */
  read(fields: readonly RangedField[], most: number): AsyncIterable<TypedBatch>;
}
