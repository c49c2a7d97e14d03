import { createReadStream } from "node:fs";
import type { CsvLayout } from "./csv-layout.ts";

const [NEWLINE, RETURN] = [10, 13];

/**
 * Line in which a row of a CSV file begins, from 1. Blank lines and comments are no rows; a quoted cell may hold line ends.
 * Runs only to say where a fault stands.
 * @param row from 0, without the header
 */
export async function lineOfRow(file: string, { quote, comment }: CsvLayout, row: number): Promise<number> {
  const [quoteByte, commentByte] = [quote.charCodeAt(0), comment?.charCodeAt(0)];
  // The header is a record as well.
  let left = row + 1;
  let line = 1;
  let [isQuoted, isComment, isBlank, wasReturn, isFirst] = [false, false, true, false, true];
  for await (const bytes of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    for (let at = isFirst && bytes[0] === 0xef ? 3 : 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === NEWLINE || byte === RETURN) {
        // The second half of \r\n.
        if (byte === NEWLINE && wasReturn) {
          wasReturn = false;
          continue;
        }
        wasReturn = byte === RETURN;
        line++;
        if (!isQuoted) [isBlank, isComment] = [true, false];
        continue;
      }
      wasReturn = false;
      if (isComment) continue;
      if (isBlank && !isQuoted) {
        isBlank = false;
        if (byte === commentByte) {
          isComment = true;
          continue;
        }
        if (left-- === 0) return line;
      }
      if (byte === quoteByte) isQuoted = !isQuoted;
    }
    isFirst = false;
  }
  return line;
}
