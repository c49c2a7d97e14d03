import type { StoredKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import type { TypedBatch } from "./typed-columns.ts";

/** A file whose columns are known. */
export interface OpenedFile {
  readonly columns: readonly {
    readonly name: string;
    /** "any" where the cells are texts, of CSV. */
    readonly kind: StoredKind | "any";
    /** Type of a column that has one, for errors. */
    readonly stored?: string;
  }[];
  /** How many rows there may be. */
  readonly likelyRows?: number | undefined;
  /** Where the columns are named. */
  readonly header: string;
  /** Where a row stands. @param row from 0 */
  place(row: number): Promise<string>;
  /** Reads the rows in their order. @param fields of columns of the file @param most rows of a batch; the last one may have fewer */
  read(fields: readonly RangedField[], most: number): AsyncIterable<TypedBatch>;
}
