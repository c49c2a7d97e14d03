import { stat } from "node:fs/promises";
import type { Truth } from "../data/prediction.ts";
import type { DataFormat } from "../data/reader/data-format.ts";
import type { FileIdentity } from "../data/reader/file-identity.ts";
import type { LabelKind } from "../data/reader/label-columns.ts";
import { type ReadOptions, readTable, streamTable } from "../data/reader/read-table.ts";
import type { Table } from "../data/table.ts";
import { dvcPointerPath, readDvcPointer } from "./dvc-pointer.ts";

/** A data set whose bytes are those that its DVC pointer names. */
export interface Snapshot extends SnapshotData {
  readonly path: string;
  /** Lower-case hexadecimal MD5 of the file or folder: the version of the data. */
  readonly md5: string;
}

/** What a file of rows holds. */
export interface SnapshotData {
  /** Without the label and the columns that the format ignores. */
  readonly table: Table;
  readonly rows: number;
  /** What is known of the rows; undefined where nothing was asked of the label. */
  readonly truth: Truth | undefined;
  /** One a row, where the format names their column. */
  readonly weights?: Float64Array;
  /** Why a column that nothing asks for is not one of numbers without a gap, by its name. */
  readonly unfit: ReadonlyMap<string, string>;
  readonly format?: DataFormat | undefined;
}

/** Rows of a snapshot that follow one another. */
export interface SnapshotPart extends Omit<SnapshotData, "rows"> {
  readonly path: string;
  /** Row of the snapshot that they begin with, from 0. */
  readonly start: number;
  /** How many rows the whole snapshot may have. */
  readonly likelyRows: number;
}

/** What is known of a snapshot when its last row is read. */
export type StreamedRows = Pick<SnapshotData, "rows" | "unfit">;

export interface SnapshotOptions {
  readonly format?: DataFormat | undefined;
  /** MD5 that the pointer must name, where that is known already. */
  readonly md5?: string | undefined;
  /** See ReadOptions. */
  readonly fields?: ReadOptions["fields"];
  readonly label?: { readonly kind: LabelKind } | undefined;
  /** See ReadOptions: the columns that `fields` do not name. Numbers without it. */
  readonly others?: ReadOptions["others"];
}

/**
 * Reads a CSV or Parquet file, or a folder of Parquet files.
 * @throws Error when there is no pointer (`<path>.dvc`), when MD5 or size differ from it, or when a row is not as described;
 * the message names the file and, for a row, its line (of Parquet, its row): `train.csv:17: column f3 is empty`
 */
export async function loadSnapshot(path: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const pointer = await requirePinned(path, options.md5);
  const data = await readSnapshotData(path, options, (identity) => verify(path, identity, pointer));
  return { path, md5: pointer.md5, ...data };
}

/**
 * Reads the same a part at a time, in memory that does not grow with the rows.
 * @param take called with each part; the next one waits for it. That the bytes are those of the pointer is known when the last one is taken
 * @throws Error as loadSnapshot does, after the parts before the fault
 */
export async function streamSnapshot(
  path: string,
  { md5, format, fields, label, others = "numbers" }: SnapshotOptions,
  take: (part: SnapshotPart) => Promise<void> | void,
): Promise<StreamedRows> {
  const pointer = await requirePinned(path, md5);
  const options = { ...{ others, fields, format }, ...(label && { label }) };
  return streamTable<LabelKind>(path, { ...options, verify: (identity) => verify(path, identity, pointer) }, (batch) =>
    take({ ...batch, path, format }),
  ).catch((error) => {
    throw missingData(path, error);
  });
}

/**
 * Reads a file's DVC pointer, and does not look into the file.
 * @param meant MD5 that the pointer must name, where that is known already
 * @throws Error when file or pointer are missing, or the pointer names another MD5
 */
export async function requirePinned(path: string, meant: string | undefined): Promise<FileIdentity> {
  await stat(path).catch((error) => {
    throw missingData(path, error);
  });
  const pointer = await readDvcPointer(dvcPointerPath(path));
  if (meant !== undefined && pointer.md5 !== meant)
    throw new Error(
      `${dvcPointerPath(path)} was changed while the update ran: it named md5 ${meant} at its beginning, it names ${pointer.md5} now. ` +
        "Find out who did it, the trainer perhaps, and run the update again with the data that is meant",
    );
  return pointer;
}

/** Reads the rows of a file that no pointer need pin. @param verify see ReadOptions */
export async function readSnapshotData(
  path: string,
  { format, fields, label, others = "numbers" }: SnapshotOptions,
  verify: ReadOptions["verify"],
): Promise<SnapshotData> {
  const read = readTable<LabelKind>(path, { others, fields, format, verify, ...(label && { label }) });
  const { table, ...known } = await read.catch((error) => {
    throw missingData(path, error);
  });
  return { table, rows: table.rows, format, ...known };
}

function missingData(path: string, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined || code.startsWith("ERR_")) return cause;
  if (code !== "ENOENT") return new Error(`${path} cannot be read: ${cause.message}`, { cause });
  return new Error(`${path} is missing. If its data is kept in a DVC remote, fetch it with: dvc pull ${path}`, {
    cause,
  });
}
function verify(path: string, found: FileIdentity, pinned: FileIdentity): void {
  if (found.md5 === pinned.md5 && found.size === pinned.size) return;
  throw new Error(
    `${path} is not the data that ${dvcPointerPath(path)} pins: md5 ${found.md5} (${found.size} bytes), ` +
      `the pointer says ${pinned.md5} (${pinned.size} bytes). Restore the file, or pin the new data with: dvc commit ${path}`,
  );
}
