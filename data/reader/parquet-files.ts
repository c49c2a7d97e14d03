import { insteadOf } from "../near-name.ts";
import { durationColumns } from "./arrow-schema.ts";
import { DURATION, MOST_DIGITS, type StoredKind, storedKind } from "./cast-sql.ts";
import { literal, type Session } from "./duckdb.ts";

/** A Parquet file of a snapshot, alone or in a folder. */
export interface ParquetFile {
  /** Path of the private copy, which is read. */
  readonly file: string;
  /** Original path, named in errors. */
  readonly path: string;
}

export interface ParquetColumn {
  readonly name: string;
  /** SQL name, by position, because DuckDB does not distinguish names that differ only in case. */
  readonly sql: string;
  /** DuckDB's name of the type. */
  readonly stored: string;
  readonly kind: StoredKind;
  /** Whether no row has a value. The type is then taken from other files, because pandas stores such a column with a different type. */
  readonly isEmpty?: boolean;
}

/** A file and its columns, in the file's order. */
export interface DescribedFile extends ParquetFile {
  /** Number of stored columns, including pandas' index. */
  readonly width: number;
  readonly columns: readonly ParquetColumn[];
}

const PANDAS_INDEX = /^__index_level_\d+__$/;

/**
 * Describes each file separately. Given several files, DuckDB would apply the types of the first to all, and round values that do not fit.
 * @throws Error for two columns with the same name, and for files with different column names
 */
export async function describeFiles(session: Session, files: readonly ParquetFile[]): Promise<DescribedFile[]> {
  const described: DescribedFile[] = [];
  for (const it of files) described.push({ ...it, ...(await columnsOf(session, it)) });
  const [first, ...more] = described;
  for (const other of more) requireSameNames(first as DescribedFile, other);
  for (const { name } of first?.columns ?? []) await retypeEmpty(session, described, name);
  return described;
}

/** Returns the column of this name. */
export const columnIn = ({ columns }: DescribedFile, name: string): ParquetColumn | undefined =>
  columns.find((column) => column.name === name);

/** If files differ in a column's type, assigns the type of the others to files in which the column has no value. */
async function retypeEmpty(session: Session, files: DescribedFile[], name: string): Promise<void> {
  const types = files.map((file) => columnIn(file, name)?.stored ?? "");
  if (types.every((type) => canMix(type, types[0] ?? "", true))) return;
  const isEmpty: boolean[] = [];
  for (const file of files) {
    const [count] = await session.texts(`SELECT count(${columnIn(file, name)?.sql}) FROM ${parquetSql([file])}`);
    isEmpty.push(count?.[0] === "0");
  }
  const model = files[isEmpty.indexOf(false)];
  const like = model && columnIn(model, name);
  if (!like) return;
  for (const [index, file] of files.entries())
    if (isEmpty[index])
      files[index] = {
        ...file,
        columns: file.columns.map((column) =>
          column.name === name ? { ...like, sql: column.sql, isEmpty: true } : column,
        ),
      };
}

async function columnsOf(session: Session, { file, path }: ParquetFile) {
  const read = readParquet([file]);
  const types = await session.texts(`SELECT column_type FROM (DESCRIBE SELECT * FROM ${read})`);
  const leaves = await columnsIn(session, file);
  const names = leaves.map(({ name }) => name);
  const durations = await durationsIn(session, file);
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice !== undefined) throw new DifferentFiles(`${path} has two columns named "${twice}": rename one of them`);
  const columns = names
    .map((name, position) => {
      const read = String(types[position]?.[0]).replace("DOUBLE", leaves[position]?.wide ?? "DOUBLE");
      const stored = durations.has(name) ? read.replaceAll("BIGINT", DURATION) : read;
      return { name, sql: positionalName(position), stored, kind: storedKind(stored) };
    })
    // pandas stores a table's index as a column, which is not data.
    .filter(({ name }) => !PANDAS_INDEX.test(name));
  return { columns, width: names.length };
}

async function durationsIn(session: Session, file: string): Promise<ReadonlySet<string>> {
  const [found] = await session.texts(
    `SELECT decode(value) FROM parquet_kv_metadata(${literal(file)}) WHERE decode(key) = 'ARROW:schema'`,
  );
  return found?.[0] ? durationColumns(found[0]) : new Set();
}

interface NamedColumn {
  /** As stored: DuckDB would rename the second of two columns that differ only in case. */
  readonly name: string;
  /** Type of decimals with more than 38 digits, in the column or its lists: DuckDB would read wrong numbers without an error. */
  readonly wide?: string;
}

async function columnsIn(session: Session, file: string): Promise<NamedColumn[]> {
  const [root, ...stored] = await session.texts(
    `SELECT name, num_children, precision, scale FROM parquet_schema(${literal(file)})`,
  );
  const columns: NamedColumn[] = [];
  let at = 0;
  let wide: string | undefined;
  const pass = (): void => {
    const [, children, precision, scale] = stored[at++] ?? [];
    if (Number(precision ?? 0) > MOST_DIGITS) wide = `DECIMAL(${precision},${scale})`;
    for (let child = 0; child < Number(children ?? 0); child++) pass();
  };
  for (let column = 0; column < Number(root?.[1] ?? 0); column++) {
    const name = String(stored[at]?.[0]);
    wide = undefined;
    pass();
    columns.push({ name, ...(wide !== undefined && { wide }) });
  }
  return columns;
}

/** Whether two of a file's columns have names that differ only in case. */
export const hasCaseTwins = ({ columns }: DescribedFile): boolean =>
  new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length;

/** Files that cannot be read as one table, although each can be read separately. */
export class DifferentFiles extends Error {}

function requireSameNames(first: DescribedFile, other: DescribedFile): void {
  for (const [file, lacking] of [
    [first, other],
    [other, first],
  ] as const) {
    const lost = file.columns.find(({ name }) => !lacking.columns.some((it) => it.name === name));
    if (!lost) continue;
    const has = lacking.columns.map(({ name }) => name);
    throw new DifferentFiles(
      `${lacking.path}: there is no column "${lost.name}", which ${file.path} has: ${insteadOf([lost.name], has)}. All files in a folder must have the same columns`,
    );
  }
}

/** Returns the FROM clause for files that have the same column names in the same order. Columns are named by position. */
export const parquetSql = ([first, ...more]: readonly [DescribedFile, ...DescribedFile[]]): string => {
  const names = Array.from({ length: first.width }, (_, position) => positionalName(position));
  return `${readParquet([first, ...more].map(({ file }) => file))} AS stored(${names.join(", ")})`;
};

const positionalName = (position: number): string => `p${position}`;
const readParquet = (files: readonly string[]): string =>
  `read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)`;

const INTEGER = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const ZONED = "TIMESTAMP WITH TIME ZONE";

/**
 * Whether columns of these two types hold the same values after separate casts: any numbers if read as numbers, whole numbers if read as text. Booleans
 * do not mix with numbers, nor times with a zone with times without. As text, decimals do not mix with floats, whose digits differ.
 * @param toText whether they are read as text
 */
export function canMix(one: string, other: string, toText: boolean): boolean {
  if (one === other || (INTEGER.test(one) && INTEGER.test(other))) return true;
  const kind = storedKind(one);
  if (kind !== storedKind(other) || kind === "other") return false;
  if (kind === "text") return true;
  if (toText || one === "BOOLEAN" || other === "BOOLEAN") return false;
  return kind === "number" || (one === ZONED) === (other === ZONED);
}
