import type { CsvLayout } from "./csv-layout.ts";
import { chunksOf } from "./file-identity.ts";

const [NEWLINE, RETURN, SPACE] = [10, 13, 32];

/**
 * Line in which a row of a CSV file begins, from 1. Blank lines and comments are no rows; a quoted cell may hold line ends, and a quote in a cell that
 * does not begin with one is a character like any other.
 * Runs only to say where a fault stands.
 * @param row from 0, without the header
 */
export async function lineOfRow(file: string, layout: CsvLayout, row: number): Promise<number> {
  const [quote, separator] = [layout.quote, layout.separator].map((text) => text.charCodeAt(0));
  const comment = layout.comment?.charCodeAt(0);
  // The header is a record as well.
  let left = row + 1;
  let line = 1;
  let isBlank = true;
  let isComment = false;
  let isQuoted = false;
  let isCellStart = true;
  let wasReturn = false;
  let isFirst = true;
  let wasQuote = false;
  for await (const bytes of chunksOf(file)) {
    // A byte order mark is no cell's beginning.
    for (let at = isFirst && bytes[0] === 0xef ? 3 : 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === NEWLINE || byte === RETURN) {
        // The second half of \r\n.
        if (byte === RETURN || !wasReturn) line++;
        wasReturn = byte === RETURN;
        if (!isQuoted) [isBlank, isComment, isCellStart] = [true, false, true];
        continue;
      }
      wasReturn = false;
      if (isComment) continue;
      if (!isQuoted && byte === comment) {
        isComment = true;
        continue;
      }
      if (isBlank && !isQuoted) {
        isBlank = false;
        if (left-- === 0) return line;
      }
      if (isQuoted) isQuoted = byte !== quote;
      // A doubled quote ends and begins.
      else if (byte === quote && (isCellStart || (at > 0 ? bytes[at - 1] === quote : wasQuote))) isQuoted = true;
      else if (byte !== SPACE) isCellStart = byte === separator;
    }
    isFirst = false;
    wasQuote = bytes.at(-1) === quote;
  }
  return line;
}
