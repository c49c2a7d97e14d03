import type { StoredKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import type { TypedBatch } from "./typed-columns.ts";

/** A file whose columns are known. */
export interface OpenedFile {
  readonly columns: readonly {
    readonly name: string;
    /** "any" where the cells are texts, of CSV. */
    readonly kind: StoredKind | "any";
    /** Type of a typed column, for errors. */
    readonly stored?: string;
  }[];
  /** Estimated number of rows. */
  readonly likelyRows?: number | undefined;
  /** Location of the columns' names. */
  readonly header: string;
  /** Returns the location of a row. @param row from 0 */
  place(row: number): Promise<string>;
  /** Reads the rows in order. @param fields of columns of the file @param most rows of a batch; the last may have fewer */
  read(fields: readonly RangedField[], most: number): AsyncIterable<TypedBatch>;
}
