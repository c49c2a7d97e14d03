import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { type DvcPointer, dvcPointerPath, readDvcPointer } from "./dvc-pointer.ts";
import { SnapshotRows } from "./snapshot-rows.ts";

/** A data set for binary classification whose bytes are those that its DVC pointer names. */
export interface Snapshot {
  readonly path: string;
  /** Lower-case hexadecimal MD5 of the file: the version of the data. */
  readonly md5: string;
  /** Names of the features in the file's order, without the label. */
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  /** 0 or 1, one a row. */
  readonly labels: Int32Array;
  readonly rows: number;
}

/**
 * Reads a CSV file with a header, numbers in all cells and the label (0 or 1) in the last column, named `label`.
 * Throws an Error when there is no pointer (`<path>.dvc`), when MD5 or size differ from it, or when a row is not as described;
 * the message names the file and, for a row, its line: `train.csv:17: column f3 is empty`.
 */
export async function loadSnapshot(path: string): Promise<Snapshot> {
  const file = await openData(path);
  try {
    const pointer = await readDvcPointer(dvcPointerPath(path));
    await verify(file, path, pointer);
    const rows = await readRows(file, path);
    return { path, md5: pointer.md5, ...rows.finish() };
  } finally {
    await file.close();
  }
}

async function openData(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path} cannot be read`, { cause });
    throw new Error(`${path} is missing. If its data is kept in a DVC remote, fetch it with: dvc pull ${path}`, {
      cause,
    });
  }
}

/** The hash goes first: whoever edited a pinned file is told that, and not about the first row that the edit broke. */
async function verify(file: FileHandle, path: string, pointer: DvcPointer): Promise<void> {
  const hash = createHash("md5");
  let size = 0;
  for await (const chunk of fromStart(file)) {
    hash.update(chunk);
    size += chunk.length;
  }
  const md5 = hash.digest("hex");
  if (md5 === pointer.md5 && size === pointer.size) return;
  throw new Error(
    `${path} is not the data that ${dvcPointerPath(path)} pins: md5 ${md5} (${size} bytes), ` +
      `the pointer says ${pointer.md5} (${pointer.size} bytes). Restore the file, or pin the new data with: dvc commit ${path}`,
  );
}

async function readRows(file: FileHandle, path: string): Promise<SnapshotRows> {
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
    await pipeline(fromStart(file), parser);
  } catch (error) {
    if (error instanceof CsvError) throw new Error(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
  return rows;
}

const fromStart = (file: FileHandle) => file.createReadStream({ start: 0, autoClose: false });
