import type { CsvLayout } from "./csv-layout.ts";
import { chunksOf } from "./file-identity.ts";

const [NEWLINE, RETURN, SPACE] = [10, 13, 32];

/**
 * Finds the line, from 1, on which a row of a CSV file begins. Blank lines and comments are not rows. A quoted cell may contain line ends; a quote inside
 * an unquoted cell is an ordinary character. Called only to locate a fault.
 * @param row from 0, without the header
 */
export async function lineOfRow(file: string, layout: CsvLayout, row: number): Promise<number> {
  const [quote, separator] = [layout.quote, layout.separator].map((text) => text.charCodeAt(0));
  const comment = layout.comment?.charCodeAt(0);
  // Counts the header, which is also a record.
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
    // Skips a byte order mark.
    for (let at = isFirst && bytes[0] === 0xef ? 3 : 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === NEWLINE || byte === RETURN) {
        // The \n of \r\n does not start another line.
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
      // A doubled quote closes the cell and opens it again.
      else if (byte === quote && (isCellStart || (at > 0 ? bytes[at - 1] === quote : wasQuote))) isQuoted = true;
      else if (byte !== SPACE) isCellStart = byte === separator;
    }
    isFirst = false;
    wasQuote = bytes.at(-1) === quote;
  }
  return line;
}
