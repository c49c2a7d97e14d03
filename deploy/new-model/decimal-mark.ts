import { DECIMAL } from "../../data/cells.ts";
import type { TextTable } from "../../data/reader/read-table.ts";

export type DecimalMark = "." | ",";

/** What the numbers of a file look like. */
export interface FoundMark {
  readonly decimal: DecimalMark;
  /** Columns whose numbers have commas that are not its decimal mark, with an example. */
  readonly unread: readonly { readonly name: string; readonly example: string }[];
}

/** More than one comma may be a list. */
const WITH_COMMA = /^[+-]?\d+,\d+$/;
/** 1,234 is more often a thousand than a fraction. */
const LIKE_THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+$/;

const isCommaNumber = (cell: string) => DECIMAL.test(cell) || WITH_COMMA.test(cell) || LIKE_THOUSANDS.test(cell);

/**
 * Finds the decimal mark, which one setting defines for the whole file. It is a comma if columns have numbers such as 8,26 and none has 8.26.
 * @param isGap whether a cell means a missing value
 */
export function decimalMarkOf({ names, columns }: TextTable, isGap: (cell: string | null) => boolean): FoundMark {
  const unread: { name: string; example: string }[] = [];
  let [hasPoint, hasFraction] = [false, false];
  for (const [at, cells] of columns.entries()) {
    const known = cells.filter((cell): cell is string => !isGap(cell));
    const isNumeric = known.every((cell) => DECIMAL.test(cell));
    hasPoint ||= isNumeric && known.some((cell) => cell.includes("."));
    if (isNumeric || !known.every(isCommaNumber)) continue;
    const [example = "", ...more] = known.filter((cell) => cell.includes(","));
    hasFraction ||= [example, ...more].some((cell) => !LIKE_THOUSANDS.test(cell));
    unread.push({ name: names[at] ?? "", example });
  }
  return hasFraction && !hasPoint ? { decimal: ",", unread: [] } : { decimal: ".", unread };
}

/** Replaces a decimal comma with a point. A cell that has a point already stays unchanged. */
export const withPoint = (cell: string, decimal: DecimalMark): string =>
  decimal === "," && !cell.includes(".") ? cell.replace(",", ".") : cell;

/** Whether a cell is a decimal number. With a decimal comma, a point would separate thousands, which the reader does not support. */
export const isDecimal = (cell: string, decimal: DecimalMark): boolean =>
  !(decimal === "," && cell.includes(".")) && DECIMAL.test(withPoint(cell, decimal));
