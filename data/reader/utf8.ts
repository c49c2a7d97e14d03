import { isUtf8 } from "node:buffer";
import { chunksOf } from "./file-identity.ts";

const [NEWLINE, RETURN] = [10, 13];

/**
 * Finds the line, from 1, of a file's first byte that is not UTF-8; undefined if there is none. DuckDB must not read such a byte, because some of its
 * errors invalidate the database of the whole process.
 */
export async function lineNotUtf8(file: string): Promise<number | undefined> {
  return (await isAllUtf8(file)) ? undefined : findLine(file);
}

async function isAllUtf8(file: string): Promise<boolean> {
  let open: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(file)) {
    const bytes = open.length > 0 ? Buffer.concat([open, chunk]) : chunk;
    const end = bytes.length - openBytes(bytes);
    if (!isUtf8(bytes.subarray(0, end))) return false;
    // Copied, because the chunk's memory is reused.
    open = Buffer.from(bytes.subarray(end));
  }
  return open.length === 0;
}

/** Returns the number of bytes of an incomplete character at the end. */
function openBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Finds the invalid line. Called only once a fault is known. */
async function findLine(file: string): Promise<number> {
  let line = 1;
  let parts: Buffer[] = [];
  let wasReturn = false;
  for await (const chunk of chunksOf(file)) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte !== NEWLINE && byte !== RETURN) {
        wasReturn = false;
        continue;
      }
      if (!isUtf8(Buffer.concat([...parts, chunk.subarray(start, at)]))) return line;
      parts = [];
      start = at + 1;
      // The \n of \r\n does not start another line.
      if (byte === RETURN || !wasReturn) line++;
      wasReturn = byte === RETURN;
    }
    parts.push(Buffer.from(chunk.subarray(start)));
  }
  return line;
}
