import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { parse as parseAtOnce } from "csv-parse/sync";
import { parsePlainLines, UNUSUAL } from "./plain-csv.ts";
import type { FileIdentity, SnapshotReader } from "./snapshot-reader.ts";
import { SnapshotRows } from "./snapshot-rows.ts";

/** Bytes a read: large enough to make its cost vanish, and the longest line that is read quickly. */
const CHUNK = 1 << 20;
const NEWLINE = 10;

/**
 * Reads the file once, for its hash and its rows together. Where a line is not plain numbers between commas, a CSV parser reads
 * the file again, and says what is wrong with which line if anything is.
 */
export const readCsv: SnapshotReader = async (file, path, verify) => {
  const rows = new SnapshotRows(path);
  const { identity, isPlain } = await readQuickly(file, rows);
  verify(identity);
  return (isPlain ? rows : await readCarefully(file, path)).finish();
};

async function readQuickly(file: FileHandle, rows: SnapshotRows) {
  const hash = createHash("md5");
  const buffer = Buffer.allocUnsafe(2 * CHUNK);
  let size = 0;
  // Bytes at the start of the buffer that belong to a line whose end is still to come.
  let held = 0;
  let isPlain = true;
  while (true) {
    const { bytesRead } = await file.read(buffer, held, CHUNK, size);
    hash.update(buffer.subarray(held, held + bytesRead));
    size += bytesRead;
    let end = held + bytesRead;
    const isLast = bytesRead === 0;
    if (isPlain && isLast && held > 0) buffer[end++] = NEWLINE;
    if (isPlain) {
      const taken = takeLines(buffer, end, rows);
      // A line that fills a whole chunk is none of numbers.
      isPlain = taken !== UNUSUAL && end - taken <= CHUNK;
      held = isPlain ? end - taken : 0;
      if (isPlain) buffer.copyWithin(0, taken, end);
    }
    if (isLast) break;
  }
  return { identity: { md5: hash.digest("hex"), size } satisfies FileIdentity, isPlain: isPlain && rows.width > 0 };
}

/** The header, if it is not known yet, and the lines after it; answers how many bytes they take. */
function takeLines(buffer: Buffer, end: number, rows: SnapshotRows): number {
  if (rows.width > 0) return parsePlainLines(buffer, 0, end, rows);
  const newline = buffer.indexOf(NEWLINE);
  if (newline < 0 || newline >= end) return 0;
  try {
    const [names = []] = parseAtOnce(buffer.subarray(0, newline + 1), { bom: true });
    rows.add(names, 1);
  } catch {
    // Told by the careful reader, in its words.
    return UNUSUAL;
  }
  return parsePlainLines(buffer, newline + 1, end, rows);
}

async function readCarefully(file: FileHandle, path: string): Promise<SnapshotRows> {
  const rows = new SnapshotRows(path);
  const parser = parse({
    bom: true,
    // Counted by SnapshotRows, which says which line has too many or too few.
    relax_column_count: true,
    on_record: (cells: string[], { lines }) => {
      rows.add(cells, lines);
      return null;
    },
  });
  parser.resume();
  try {
    await pipeline(file.createReadStream({ start: 0, autoClose: false }), parser);
  } catch (error) {
    if (error instanceof CsvError) throw new Error(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
  return rows;
}
