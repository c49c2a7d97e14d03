import { stat } from "node:fs/promises";
import type { ClassName } from "../data/prediction.ts";
import { ClassMap } from "../data/reader/class-map.ts";
import type { DataFormat } from "../data/reader/data-format.ts";
import type { FileIdentity } from "../data/reader/file-identity.ts";
import { readTable } from "../data/reader/read-table.ts";
import { denseData, type NumberColumn, pickColumns, type Table } from "../data/table.ts";
import { dvcPointerPath, readDvcPointer } from "./dvc-pointer.ts";

/** The numbers of a snapshot, as today's gate and trainer take them. */
export interface SnapshotData {
  /** Names of the features in the file's order, without the label. */
  readonly columns: readonly string[];
  /** Row-major, rows x columns.length. */
  readonly features: Float64Array;
  /** 1 for the positive class, 0 for the other; one a row. */
  readonly labels: Int32Array;
  readonly rows: number;
  /** Both classes, and which of them is positive. Without them the labels are 0 and 1. */
  readonly classes?: BinaryClasses;
  /** Why a column of the file is not among `columns`, by its name. */
  readonly unfit?: ReadonlyMap<string, string>;
}

/** How the data name the classes that the gate knows as 0 and 1. */
export interface BinaryClasses {
  readonly negative: ClassName;
  readonly positive: ClassName;
}

/** A data set for binary classification whose bytes are those that its DVC pointer names. */
export interface Snapshot extends SnapshotData {
  readonly path: string;
  /** Lower-case hexadecimal MD5 of the file or folder: the version of the data. */
  readonly md5: string;
}

export interface SnapshotOptions {
  readonly format?: DataFormat | undefined;
  /** MD5 that the pointer must name, where that is known already. */
  readonly md5?: string | undefined;
  /** Whether each column but the label must be of numbers; otherwise those that are not are left out, and `unfit` says why. */
  readonly numbersOnly?: boolean;
}

/**
 * Reads a CSV or Parquet file, or a folder of Parquet files: numbers, and a label of two classes.
 * @throws Error when there is no pointer (`<path>.dvc`), when MD5 or size differ from it, or when a row is not as described;
 * the message names the file and, for a row, its line (of Parquet, its row): `train.csv:17: column f3 is empty`
 */
export async function loadSnapshot(path: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const { md5: meant } = options;
  await stat(path).catch((error) => {
    throw missingData(path, error);
  });
  const pointer = await readDvcPointer(dvcPointerPath(path));
  if (meant !== undefined && pointer.md5 !== meant)
    throw new Error(
      `${dvcPointerPath(path)} was changed while the update ran: it named md5 ${meant} at its beginning, it names ${pointer.md5} now. ` +
        "Find out who did it, the trainer perhaps, and run the update again with the data that is meant",
    );
  const data = await readSnapshotData(path, options, (identity) => verify(path, identity, pointer));
  return { path, md5: pointer.md5, ...data };
}

/** Reads the rows of a file that no pointer need pin. @param verify see ReadOptions */
export async function readSnapshotData(
  path: string,
  { format, numbersOnly = true }: SnapshotOptions,
  verify: (identity: FileIdentity) => void,
): Promise<SnapshotData> {
  const others = numbersOnly ? "numbers" : "any";
  const { table, truth, unfit } = await readTable(path, { others, format, verify }).catch((error) => {
    throw missingData(path, error);
  });
  const { classes, codes } = truth;
  const positive = positiveCode(format);
  const whole = withoutColumns(table, unfit);
  return {
    columns: whole.fields.map(({ name }) => name),
    features: rowMajor(whole),
    labels: positive === 1 ? codes : codes.map((code) => 1 - code),
    rows: table.rows,
    ...(format?.classes && {
      classes: { negative: classes[1 - positive], positive: classes[positive] } as BinaryClasses,
    }),
    ...(unfit.size > 0 && { unfit }),
  };
}

/** Index of the positive class among the format's classes. */
function positiveCode({ classes, positive }: DataFormat = {}): 0 | 1 {
  if (!classes) return 1;
  const map = new ClassMap(classes);
  return (map.codeOf(positive ?? 1) ?? 1) as 0 | 1;
}

const withoutColumns = (table: Table, unfit: ReadonlyMap<string, string>): Table =>
  unfit.size === 0
    ? table
    : pickColumns(
        table,
        table.fields.map(({ name }) => name).filter((name) => !unfit.has(name)),
      );

/** A whole table of doubles is not copied. */
function rowMajor(table: Table): Float64Array {
  const dense = denseData(table);
  if (dense) return dense as Float64Array;
  const width = table.columns.length;
  const features = new Float64Array(table.rows * width);
  for (const [place, { data, offset, stride }] of (table.columns as readonly NumberColumn[]).entries())
    for (let row = 0; row < table.rows; row++) features[row * width + place] = data[offset + row * stride] as number;
  return features;
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
