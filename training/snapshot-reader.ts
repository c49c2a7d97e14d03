import type { FileHandle } from "node:fs/promises";

/** What stands in a snapshot's file. */
export interface SnapshotData {
  /** Names of the features in the file's order, without the label. */
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  /** 0 or 1, one a row. */
  readonly labels: Int32Array;
  readonly rows: number;
}

/** What DVC knows a file by. */
export interface FileIdentity {
  /** Lower-case hexadecimal. */
  readonly md5: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * Reads the rows of an open file.
 * @param path named in errors
 * @param verify given the file's identity before anything is said about its rows, so that whoever edited a pinned file is told
 * that, and not about the first row that the edit broke; throws
 */
export type SnapshotReader = (
  file: FileHandle,
  path: string,
  verify: (identity: FileIdentity) => void,
) => Promise<SnapshotData>;
