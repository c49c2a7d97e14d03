import { printable } from "../../data/printable.ts";
import type { DataFormat } from "../../data/reader/data-format.ts";
import { readRowIds } from "../row-ids.ts";
import type { WorstRows } from "./worst-rows.ts";

/** Longer ids are truncated. */
const LONGEST = 100;

/**
 * Adds ids to the rows, if `data.id` names their column. That reads the snapshot once more, only this column. An error is reported on stderr and in
 * the report, but does not affect the verdict.
 */
export async function nameWorstRows(
  worst: WorstRows,
  { path, md5, format }: { readonly path: string; readonly md5: string; readonly format?: DataFormat | undefined },
): Promise<WorstRows> {
  const idColumn = format?.id;
  if (format === undefined || idColumn === undefined || worst.rows.length === 0) return worst;
  try {
    const ids = await readRowIds(
      path,
      { md5, format, column: idColumn },
      worst.rows.map(({ row }) => row - 1),
    );
    const rows = worst.rows.map((one) => {
      const id = ids.get(one.row - 1);
      return id === undefined ? one : { ...one, id: shorten(printable(id)) };
    });
    return { ...worst, idColumn, rows };
  } catch (error) {
    const why = (error as Error).message;
    console.error(`the report identifies the worst rows by number: data.id: ${why}`);
    return { ...worst, idColumn, withoutIds: why };
  }
}

const shorten = (id: string) => {
  const letters = [...id];
  return letters.length <= LONGEST ? id : `${letters.slice(0, LONGEST).join("")}…`;
};
