import type { Table } from "../table.ts";
import { connect } from "./duckdb.ts";
import type { FileIdentity } from "./file-identity.ts";
import type { LabelKind, TruthOf } from "./label-columns.ts";
import type { OpenedFile } from "./opened-file.ts";
import { copyPrivately } from "./private-copy.ts";
import { openCsv } from "./read-csv.ts";
import { openParquet } from "./read-parquet.ts";
import { TablePlan, type Wanted } from "./table-plan.ts";

export interface ReadOptions<Kind extends LabelKind = "classes"> extends Wanted {
  readonly label?: { readonly kind: Kind };
  /** Called with the file's identity before anything is said about its rows: an edited file is refused as that. Throws. */
  readonly verify: (identity: FileIdentity) => void;
}

/** A snapshot's rows and what is known of them. */
export interface LabelledTable<Kind extends LabelKind = "classes"> {
  /** Without the label, the weights and the columns that the format ignores. */
  readonly table: Table;
  readonly truth: TruthOf<Kind>;
  /** One a row, where the format names their column. */
  readonly weights?: Float64Array;
  /** Why a column that is carried is not one of numbers without a gap: `data.csv:17: column f3 is empty`. By the column's name. */
  readonly unfit: ReadonlyMap<string, string>;
}

/**
 * Reads a CSV file, a Parquet file or a folder of Parquet files. Types come from what is asked for; a cell that is none is refused with file, line (row of
 * Parquet), column and value.
 * @throws Error
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

/** Rows of a snapshot that follow one another. What `unfit` says is of the rows so far. */
export interface LabelledBatch<Kind extends LabelKind = "classes"> extends LabelledTable<Kind> {
  /** How many rows the file may have. */
  readonly likelyRows: number;
  /** Row of the file that they begin with, from 0. */
  readonly start: number;
}

export interface StreamOptions<Kind extends LabelKind = "classes"> extends ReadOptions<Kind> {
  /** Rows of a batch; the last one may have fewer. */
  readonly batchRows?: number;
}

export const BATCH_ROWS = 1 << 16;

/**
 * Reads a file as readTable does, a batch at a time and in its order, in memory that does not grow with the rows. Its fault is the same one, and comes
 * after the batches before it; that of its identity goes before any other. Where carried columns of CSV or the classes are not known, the file is read twice.
 * @param onRows called with each batch, whose arrays it may keep; the next one waits for it. What it makes of them counts only when all of them are read: a
 * file is hashed meanwhile, and may turn out to be another one
 * @returns what is known of the whole file
 */
export function streamTable<Kind extends LabelKind = "classes">(
  path: string,
  options: StreamOptions<Kind>,
  onRows: (batch: LabelledBatch<Kind>) => Promise<void> | void,
): Promise<{ readonly rows: number; readonly unfit: ReadonlyMap<string, string> }> {
  const { batchRows = BATCH_ROWS } = options;
  return withFile(path, options, (open, identity) => {
    // Without waiting for another file's rows.
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

/** All columns of a file as texts, label or not; null for a missing value. */
export interface TextTable {
  readonly names: readonly string[];
  /** One a name: a cell for each row. */
  readonly columns: readonly (readonly (string | null)[])[];
  readonly rows: number;
}

/**
 * Reads a file of which nothing is known but that it is CSV or Parquet.
 * @throws Error for a file without rows, and for a Parquet column of lists and the like
 */
export function readTexts(path: string): Promise<TextTable> {
  return withFile(path, { others: "any" }, async (open) => {
    const file = await open();
    const other = file.columns.find(({ kind }) => kind === "other");
    if (other) throw new Error(`${path}: column ${other.name} is ${other.stored}, which has no single value a row`);
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

/** Does both at once: hashing takes this thread, and reading others. What is wrong with the file's identity is said first. */
async function bothOf<Result>(hash: () => Promise<void>, read: () => Promise<Result>): Promise<Result> {
  const [hashed, result] = await Promise.allSettled([hash(), read()]);
  if (hashed.status === "rejected") throw hashed.reason;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Lets a private copy of a file be read: what is hashed is what is read. */
async function withFile<Result>(
  path: string,
  { format = {} }: Wanted,
  use: (open: () => Promise<OpenedFile>, identity: () => Promise<FileIdentity>) => Promise<Result>,
): Promise<Result> {
  const session = await connect();
  try {
    const copy = await copyPrivately(path, session.folder);
    const open = async () => {
      const { kind, files } = await copy.unpack(format.csv?.encoding);
      return kind === "csv" ? openCsv(session, files[0]?.file ?? "", path, format) : openParquet(session, files, path);
    };
    try {
      return await use(open, () => copy.identity());
    } finally {
      await copy.remove();
    }
  } finally {
    session.close();
  }
}
