import { insteadOf } from "../near-name.ts";
import { durationColumns } from "./arrow-schema.ts";
import { DURATION, MOST_DIGITS, type StoredKind, storedKind } from "./cast-sql.ts";
import { literal, type Session } from "./duckdb.ts";

/** A Parquet file of a snapshot, which may be one of a folder. */
export interface ParquetFile {
  /** Path of the copy to read. */
  readonly file: string;
  /** Path that errors name. */
  readonly path: string;
}

export interface ParquetColumn {
  readonly name: string;
  /** SQL name, by position, because DuckDB does not distinguish names that differ only in case. */
  readonly sql: string;
  /** DuckDB's name of the type. */
  readonly stored: string;
  readonly kind: StoredKind;
  /** Whether no row has a value. Its type is then that of other files, because pandas stores such a column with another type. */
  readonly isEmpty?: boolean;
}

/** A file and its columns, in its own order. */
export interface DescribedFile extends ParquetFile {
  /** All stored columns, including those that are not data. */
  readonly width: number;
  readonly columns: readonly ParquetColumn[];
}

const PANDAS_INDEX = /^__index_level_\d+__$/;

/**
 * Describes each file separately: given several files, DuckDB applies the types of the first to all, and rounds what does not fit.
 * @throws Error for two columns of one name, and for files that differ in the names of their columns
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

/** If files differ in a column's type, files without a value in it get the type of the others. */
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
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new DifferentFiles(`${path} has two columns of the name "${twice}": rename one of them`);
  const columns = names
    .map((name, place) => {
      const read = String(types[place]?.[0]).replace("DOUBLE", leaves[place]?.wide ?? "DOUBLE");
      const stored = durations.has(name) ? read.replaceAll("BIGINT", DURATION) : read;
      return { name, sql: placeName(place), stored, kind: storedKind(stored) };
    })
    // pandas stores a table's index among its columns; it is not data.
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
  /** As stored: DuckDB renames the second of two that differ only in case. */
  readonly name: string;
  /** Type of the column's or its lists' decimals, if DuckDB would read them as other numbers without an error: those of more than 38 digits. */
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
      `${lacking.path}: there is no column "${lost.name}", which ${file.path} has: ${insteadOf([lost.name], has)}. All files of a folder must have the same columns`,
    );
  }
}

/** Returns the FROM clause for files whose columns have the same names in the same order, named by position. */
export const parquetSql = ([first, ...more]: readonly [DescribedFile, ...DescribedFile[]]): string => {
  const names = Array.from({ length: first.width }, (_, place) => placeName(place));
  return `${readParquet([first, ...more].map(({ file }) => file))} AS stored(${names.join(", ")})`;
};

const placeName = (place: number): string => `p${place}`;
const readParquet = (files: readonly string[]): string =>
  `read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)`;

const INTEGER = /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/;
const ZONED = "TIMESTAMP WITH TIME ZONE";

/**
 * Whether columns of these two types hold the same values after separate casts: numbers to a number, whole numbers to their digits. Booleans are not
 * numbers here, times with a zone differ from times without one, and a decimal's digits differ from a float's.
 * @param toText whether they are read as texts
 */
export function canMix(one: string, other: string, toText: boolean): boolean {
  if (one === other || (INTEGER.test(one) && INTEGER.test(other))) return true;
  const kind = storedKind(one);
  if (kind !== storedKind(other) || kind === "other") return false;
  if (kind === "text") return true;
  if (toText || one === "BOOLEAN" || other === "BOOLEAN") return false;
  return kind === "number" || (one === ZONED) === (other === ZONED);
}
