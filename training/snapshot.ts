import { type FileHandle, open } from "node:fs/promises";
import { extname } from "node:path";
import { readCsv } from "./csv-reader.ts";
import { dvcPointerPath, readDvcPointer } from "./dvc-pointer.ts";
import type { FileIdentity, SnapshotData } from "./snapshot-reader.ts";

/** A data set for binary classification whose bytes are those that its DVC pointer names. */
export interface Snapshot extends SnapshotData {
  readonly path: string;
  /** Lower-case hexadecimal MD5 of the file: the version of the data. */
  readonly md5: string;
}

/**
 * Reads a CSV file with a header, or a Parquet file (named `.parquet`): numbers in all cells and the label (0 or 1) in the last
 * column, named `label`.
 * Throws an Error when there is no pointer (`<path>.dvc`), when MD5 or size differ from it, or when a row is not as described;
 * the message names the file and, for a row, its line (of Parquet, its row): `train.csv:17: column f3 is empty`.
 */
export async function loadSnapshot(path: string): Promise<Snapshot> {
  const file = await openData(path);
  try {
    const pointer = await readDvcPointer(dvcPointerPath(path));
    const isParquet = extname(path).toLowerCase() === ".parquet";
    const read = isParquet ? (await import("./parquet-reader.ts")).readParquet : readCsv;
    const rows = await read(file, path, (identity) => verify(path, identity, pointer));
    return { path, md5: pointer.md5, ...rows };
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

function verify(path: string, found: FileIdentity, pinned: FileIdentity): void {
  if (found.md5 === pinned.md5 && found.size === pinned.size) return;
  throw new Error(
    `${path} is not the data that ${dvcPointerPath(path)} pins: md5 ${found.md5} (${found.size} bytes), ` +
      `the pointer says ${pinned.md5} (${pinned.size} bytes). Restore the file, or pin the new data with: dvc commit ${path}`,
  );
}
