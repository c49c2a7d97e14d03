import { stat } from "node:fs/promises";
import type { Truth } from "../data/prediction.ts";
import type { DataFormat } from "../data/reader/data-format.ts";
import type { FileIdentity } from "../data/reader/file-identity.ts";
import type { LabelKind } from "../data/reader/label-columns.ts";
import { type ReadOptions, readTable, streamTable } from "../data/reader/read-table.ts";
import type { Table } from "../data/table.ts";
import { dvcPointerPath, pathForDvc, readDvcPointer } from "./dvc-pointer.ts";

/** A data set that matches its DVC pointer. */
export interface Snapshot extends SnapshotData {
  readonly path: string;
  /** Lower-case hexadecimal MD5 of the file or folder: the version of the data. */
  readonly md5: string;
}

/** Content of a file of rows. */
export interface SnapshotData {
  /** Without the label and the columns that the format ignores. */
  readonly table: Table;
  readonly rows: number;
  /** Truth of the rows; undefined if no label was requested. */
  readonly truth: Truth | undefined;
  /** One per row, if the format names their column. */
  readonly weights?: Float64Array;
  /** Why an unrequested column does not consist of numbers without gaps, by name. */
  readonly unfit: ReadonlyMap<string, string>;
  readonly format?: DataFormat | undefined;
}

/** Consecutive rows of a snapshot. */
export interface SnapshotPart extends Omit<SnapshotData, "rows"> {
  readonly path: string;
  /** Index of their first row in the snapshot, from 0. */
  readonly start: number;
  /** Estimated number of rows in the whole snapshot. */
  readonly likelyRows: number;
}

/** Properties of a snapshot that are known after its last row. */
export type StreamedRows = Pick<SnapshotData, "rows" | "unfit">;

export interface SnapshotOptions {
  readonly format?: DataFormat | undefined;
  /** MD5 that the pointer must have, if known. */
  readonly md5?: string | undefined;
  /** See ReadOptions. */
  readonly fields?: ReadOptions["fields"];
  readonly label?: { readonly kind: LabelKind } | undefined;
  /** See ReadOptions: the columns that `fields` does not name. Default: numbers. */
  readonly others?: ReadOptions["others"];
}

/**
 * Reads a CSV or Parquet file, or a folder of Parquet files.
 * @throws Error if the pointer (`<path>.dvc`) is missing, if MD5 or size differ from it, or if a row is invalid;
 * the message names the file and, for a row, its line (for Parquet, its row): `train.csv:17: column f3 is empty`
 */
export async function loadSnapshot(path: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const pointer = await requirePinned(path, options.md5);
  const data = await readSnapshotData(path, options, (identity) => verify(path, identity, pointer));
  return { path, md5: pointer.md5, ...data };
}

/**
 * Streams the same data part by part, with memory that does not grow with the rows.
 * @param take receives each part and is awaited before the next. Whether the data matches the pointer is known only after the last part
 * @throws Error as loadSnapshot does, after the parts before the fault
 */
export async function streamSnapshot(
  path: string,
  { md5, format, fields, label, others = "numbers" }: SnapshotOptions,
  take: (part: SnapshotPart) => Promise<void> | void,
): Promise<StreamedRows> {
  const pointer = await requirePinned(path, md5);
  const options = { others, fields, format, ...(label && { label }) };
  return streamTable<LabelKind>(path, { ...options, verify: (identity) => verify(path, identity, pointer) }, (batch) =>
    take({ ...batch, path, format }),
  ).catch((error) => {
    throw missingData(path, error);
  });
}

/**
 * Reads a file's DVC pointer, without reading the file.
 * @param expectedMd5 MD5 that the pointer must have, if known
 * @throws Error if file or pointer are missing, or the pointer has another MD5
 */
export async function requirePinned(path: string, expectedMd5: string | undefined): Promise<FileIdentity> {
  await stat(path).catch((error) => {
    throw missingData(path, error);
  });
  const pointer = await readDvcPointer(dvcPointerPath(path));
  if (expectedMd5 !== undefined && pointer.md5 !== expectedMd5)
    throw new Error(
      `${dvcPointerPath(path)} changed during the update: it had md5 ${expectedMd5} at the start, and has ${pointer.md5} now. ` +
        "Find out what changed it, possibly the trainer, and run the update again with the intended data",
    );
  return pointer;
}

/** Reads the rows of a file without requiring a pointer. @param verify see ReadOptions */
export async function readSnapshotData(
  path: string,
  { format, fields, label, others = "numbers" }: SnapshotOptions,
  verify: ReadOptions["verify"],
): Promise<SnapshotData> {
  const read = readTable<LabelKind>(path, { others, fields, format, verify, ...(label && { label }) });
  const { table, ...rest } = await read.catch((error) => {
    throw missingData(path, error);
  });
  return { table, rows: table.rows, format, ...rest };
}

function missingData(path: string, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === undefined || code.startsWith("ERR_")) return cause;
  if (code !== "ENOENT") return new Error(`${path} cannot be read: ${cause.message}`, { cause });
  return new Error(
    `${path} is missing. If its data is kept in a DVC remote, fetch it with: dvc pull ${pathForDvc(path)}`,
    {
      cause,
    },
  );
}

function verify(path: string, found: FileIdentity, pinned: FileIdentity): void {
  if (found.md5 === pinned.md5 && found.size === pinned.size) return;
  throw new Error(
    `${path} is not the data that ${dvcPointerPath(path)} pins: it has md5 ${found.md5} (${found.size} bytes), ` +
      `but the pointer has ${pinned.md5} (${pinned.size} bytes). Restore the file, or pin the new data with: dvc commit ${pathForDvc(path)}`,
  );
}
