import type { StoredKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import type { TypedColumn } from "./typed-columns.ts";

/** A file whose columns are known. */
export interface OpenedFile {
  readonly columns: readonly {
    readonly name: string;
    /** "any" where the cells are texts, of CSV. */
    readonly kind: StoredKind | "any";
    /** Type of a column that has one, for errors. */
    readonly stored?: string;
  }[];
  /** Where the columns are named. */
  readonly header: string;
  /** Where a row stands. @param row from 0 */
  place(row: number): Promise<string>;
  /** @param fields of columns of the file */
  read(fields: readonly RangedField[]): Promise<{ readonly columns: readonly TypedColumn[]; readonly rows: number }>;
}
