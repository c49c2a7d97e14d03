import type { DataFormat } from "../data/reader/data-format.ts";
import { type SnapshotOptions, streamSnapshot } from "./snapshot.ts";

interface IdColumn {
  readonly md5: string;
  readonly format: DataFormat;
  readonly column: string;
}

/**
 * Reads a column's texts for some rows and discards the others.
 * @param rows from 0
 * @returns texts by row; none for a row without a value
 * @throws Error as streamSnapshot does, and if the column is missing
 */
export async function readRowIds(
  path: string,
  { md5, format, column }: IdColumn,
  rows: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const wanted = [...new Set(rows)].sort((a, b) => a - b);
  const found = new Map<number, string>();
  // Nothing else in the format may drop the requested column.
  const { id: _, weights: __, ignore = [], ...written } = format;
  const options: SnapshotOptions = {
    ...({ md5, others: "none", label: { kind: "any" } } as const),
    format: { ...written, ignore: ignore.filter((name) => name !== column) },
    fields: [{ name: column, type: "string", nullable: true }],
  };
  await streamSnapshot(path, options, ({ table, start }) => {
    const texts = table.columns[0];
    if (texts?.kind !== "text") return;
    for (const row of wanted) {
      if (row < start || row >= start + table.rows) continue;
      const text = texts.dictionary[texts.codes[row - start] as number];
      if (text !== undefined) found.set(row, text);
    }
  });
  return found;
}
