import type { Table } from "../table.ts";
import type { DataFormat } from "./data-format.ts";
import { connect } from "./duckdb.ts";
import type { FileIdentity } from "./file-identity.ts";
import type { LabelKind, TruthOf } from "./label-columns.ts";
import type { OpenedFile } from "./opened-file.ts";
import { copyHead, copyPrivately, type PrivateCopy } from "./private-copy.ts";
import { openCsv } from "./read-csv.ts";
import { openParquet } from "./read-parquet.ts";
import { TablePlan, type Wanted } from "./table-plan.ts";

export interface ReadOptions<Kind extends LabelKind = "classes"> extends Wanted {
  readonly label?: { readonly kind: Kind };
  /** Called with the file's identity before any fault of its rows is reported, so that an edited file is rejected as edited. Throws to reject it. */
  readonly verify: (identity: FileIdentity) => void;
}

/** A snapshot's rows and their ground truth. */
export interface LabelledTable<Kind extends LabelKind = "classes"> {
  /** All columns except the label, the weights and the ignored ones. */
  readonly table: Table;
  readonly truth: TruthOf<Kind>;
  /** One per row, if the format names their column. */
  readonly weights?: Float64Array;
  /** By the name of each additional column that is not numeric or has missing values: the reason, such as `data.csv:17: column f3 is empty`. */
  readonly unfit: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file, a Parquet file or a folder of Parquet files in the requested types.
 * @throws Error for a cell of another type, with file, line (row for Parquet), column and value
 */
export function readTable<Kind extends LabelKind = "classes">(
  path: string,
  options: ReadOptions<Kind>,
): Promise<LabelledTable<Kind>> {
  return withFile(path, options, async (open, identity) => {
    const read = async () => {
      const file = await open();
      const plan = new TablePlan(file, path, options);
      for await (const batch of file.read(plan.fields, Number.POSITIVE_INFINITY)) {
        const rows = await plan.table(batch, 0);
        plan.end(batch.rows);
        return { ...rows, truth: rows.truth as TruthOf<Kind>, unfit: plan.unfit };
      }
      return plan.end(0) as never;
    };
    return bothOf(async () => options.verify(await identity()), read);
  });
}

/** Consecutive rows of a snapshot. `unfit` covers the rows so far. */
export interface LabelledBatch<Kind extends LabelKind = "classes"> extends LabelledTable<Kind> {
  /** Estimated row count of the file. */
  readonly likelyRows: number;
  /** Index of the first of these rows in the file, from 0. */
  readonly start: number;
}

export interface StreamOptions<Kind extends LabelKind = "classes"> extends ReadOptions<Kind> {
  /** Rows per batch; the last may have fewer. */
  readonly batchRows?: number;
}

export const BATCH_ROWS = 1 << 16;

/**
 * Reads a file like readTable, but in batches and in constant memory. Faults are the same, and each is reported after the batches that precede it. A
 * wrong identity takes precedence over any fault. If the classes or the types of additional CSV columns are unknown, the file is read twice.
 * @param onRows called with each batch, whose arrays it may keep; the next batch waits for it. Discard its results if this function throws: the file is
 * hashed meanwhile, and may turn out to be the wrong one
 * @returns facts about the whole file
 */
export function streamTable<Kind extends LabelKind = "classes">(
  path: string,
  options: StreamOptions<Kind>,
  onRows: (batch: LabelledBatch<Kind>) => Promise<void> | void,
): Promise<{ readonly rows: number; readonly unfit: ReadonlyMap<string, string> }> {
  const { batchRows = BATCH_ROWS } = options;
  return withFile(path, options, (open, identity) => {
    // Stops reading a file that turned out to be the wrong one.
    let isRefused = false;
    const stream = async () => {
      const file = await open();
      const plan = new TablePlan(file, path, options);
      await plan.survey(batchRows);
      const { unfit } = plan;
      const { likelyRows = batchRows } = file;
      let start = 0;
      for await (const batch of file.read(plan.fields, batchRows)) {
        if (isRefused) break;
        const rows = await plan.table(batch, start);
        await onRows({ ...rows, truth: rows.truth as TruthOf<Kind>, start, likelyRows, unfit });
        start += batch.rows;
      }
      plan.end(start);
      return { rows: start, unfit };
    };
    const hash = async () => {
      try {
        options.verify(await identity());
      } catch (error) {
        isRefused = true;
        throw error;
      }
    };
    return bothOf(hash, stream);
  });
}

/**
 * Reads a file's column names.
 * @param isLarge whether to read only the part that contains them, which is not supported for compressed Parquet
 * @throws Error for a file that cannot be read
 */
export async function readNames(
  path: string,
  format: DataFormat | undefined,
  isLarge = false,
): Promise<readonly string[]> {
  return withCopy(path, { format }, isLarge ? copyHead : copyPrivately, async (open) =>
    (await open()).columns.map(({ name }) => name),
  );
}

/** All columns of a file as strings, including the label; null for a missing value. */
export interface TextTable {
  readonly names: readonly string[];
  /** One list of cells per name. */
  readonly columns: readonly (readonly (string | null)[])[];
  readonly rows: number;
}

/**
 * Reads a CSV or Parquet file of unknown types.
 * @throws Error for a file without rows, and for a Parquet column whose values are not scalars, such as lists
 */
export function readTexts(path: string): Promise<TextTable> {
  return withFile(path, { others: "any" }, async (open) => {
    const file = await open();
    const other = file.columns.find(({ kind }) => kind === "other");
    if (other)
      throw new Error(`${path}: column ${other.name} is ${other.stored}, which does not have one value per row`);
    const fields = file.columns.map(({ name }) => ({ name, type: "string", nullable: true }) as const);
    for await (const { columns, rows } of file.read(fields, Number.POSITIVE_INFINITY)) {
      if (rows === 0) break;
      const cells = columns.map(({ column }) =>
        column.kind === "text" ? Array.from(column.codes, (code) => column.dictionary[code] ?? null) : [],
      );
      return { names: fields.map(({ name }) => name), columns: cells, rows };
    }
    throw new Error(`${path} has a header but no rows`);
  });
}

/** Hashes on this thread while other threads read. An error of the hash takes precedence. */
async function bothOf<Result>(hash: () => Promise<void>, read: () => Promise<Result>): Promise<Result> {
  const [hashed, result] = await Promise.allSettled([hash(), read()]);
  if (hashed.status === "rejected") throw hashed.reason;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Works on a private copy of a file, so that hash and rows come from the same bytes. */
const withFile = <Result>(
  path: string,
  options: Wanted,
  use: (open: () => Promise<OpenedFile>, identity: () => Promise<FileIdentity>) => Promise<Result>,
): Promise<Result> => withCopy(path, options, copyPrivately, (open, copy) => use(open, () => copy.identity()));

async function withCopy<Result, Copy extends Omit<PrivateCopy, "identity">>(
  path: string,
  { format = {} }: Pick<Wanted, "format">,
  copyFrom: (path: string, parent: string) => Promise<Copy>,
  use: (open: () => Promise<OpenedFile>, copy: Copy) => Promise<Result>,
): Promise<Result> {
  const session = await connect();
  try {
    const copy = await copyFrom(path, session.folder);
    const open = async () => {
      const { kind, files } = await copy.unpack(format.csv?.encoding);
      return kind === "csv"
        ? openCsv(session, files[0]?.file ?? "", path, format)
        : openParquet(session, files, path, format);
    };
    try {
      return await use(open, copy);
    } finally {
      await copy.remove();
    }
  } finally {
    session.close();
  }
}
