import { isShaped } from "../field.ts";
import { castStored, storeAs, storedKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import type { DataFormat } from "./data-format.ts";
import { literal, type Session } from "./duckdb.ts";
import { dimsOf, storedLists } from "./list-elements.ts";
import type { OpenedFile } from "./opened-file.ts";
import {
  canMix,
  columnIn,
  type DescribedFile,
  DifferentFiles,
  describeFiles,
  hasCaseTwins,
  type ParquetFile,
  parquetSql,
} from "./parquet-files.ts";
import { type Source, type SourceColumn, typedBatches } from "./typed-columns.ts";

/**
 * Opens Parquet files that have the same columns.
 * @param path of the file or the folder, named in errors
 * @param missing strings that mean a missing value
 */
export async function openParquet(
  session: Session,
  files: readonly ParquetFile[],
  path: string,
  { missing = [] }: DataFormat,
): Promise<OpenedFile> {
  const copies = files.map(({ file }) => file);
  const described = await attempt(() => describeFiles(session, files));
  const counts = await attempt(() =>
    session.texts(`SELECT file_name, num_rows FROM parquet_file_metadata([${copies.map(literal).join(", ")}])`),
  );
  const rowsOf = new Map(counts.map(([file, rows]) => [file, Number(rows)]));
  const likelyRows = copies.reduce((sum, file) => sum + (rowsOf.get(file) ?? 0), 0);
  const [first, ...others] = described as [DescribedFile, ...DescribedFile[]];
  const { columns } = first;
  return {
    columns,
    header: path,
    likelyRows,
    async locate(row) {
      let left = row;
      for (const { file, path } of files) {
        const rows = rowsOf.get(file) ?? 0;
        if (left < rows) return `${path} row ${left + 1}`;
        left -= rows;
      }
      return `${path} row ${row + 1}`;
    },
    async *read(fields, most) {
      try {
        yield* typedBatches(session, sourceOf(fields, await valueless(fields)), { skip: 0, most });
      } catch (error) {
        throw unreadable(error);
      }
    },
  };

  /** Returns the names of columns without any value whose type does not match the field: pandas stores such columns with another type. */
  async function valueless(fields: readonly RangedField[]): Promise<ReadonlySet<string>> {
    const names = new Set<string>();
    for (const field of fields.filter((it) => !valuesOf(it, "NULL", storedAs(it, first)))) {
      let values = 0;
      for (const file of described) {
        const column = columnIn(file, field.name)?.sql;
        const [count] = await session.texts(`SELECT count(${column}) FROM ${parquetSql([file])}`);
        values += Number(count?.[0]);
      }
      if (values === 0) names.add(field.name);
    }
    return names;
  }

  function sourceOf(fields: readonly RangedField[], empty: ReadonlySet<string>): Source {
    const common = { decimal: ".", likelyRows, isTyped: true };
    const columnOf = (field: RangedField, file: DescribedFile) =>
      empty.has(field.name) ? withoutValues(field) : storedColumn(field, file);
    const columns = fields.map((field) => columnOf(field, first));
    const differ = (field: RangedField) =>
      described.some((file) => storedAs(field, file) !== storedAs(field, first) || columnIn(file, field.name)?.isEmpty);
    const isOne = others.length === 0 || !described.some(hasCaseTwins);
    if (isOne && !fields.some(differ)) return { ...common, from: parquetSql([first, ...others]), columns };
    for (const field of fields)
      if (!empty.has(field.name)) for (const file of described) requireMixable(field, first, file);
    // Reads each file with its own types, and casts it separately.
    const parts = described.map((file) => {
      const selected = fields.map((field, index) => {
        const { sql, text } = columnOf(field, file);
        return `${sql} AS c${index}, ${text} AS t${index}`;
      });
      return `SELECT ${selected.join(", ")} FROM ${parquetSql([file])}`;
    });
    return {
      ...common,
      from: `(${parts.join(" UNION ALL ")})`,
      columns: columns.map((column, index) => ({ ...column, sql: `c${index}`, text: `t${index}` })),
    };
  }

  function storedColumn(field: RangedField, file: DescribedFile): SourceColumn {
    const stored = storedAs(field, file);
    const { isEmpty, sql: name = "" } = columnIn(file, field.name) ?? {};
    const column = isEmpty ? `CAST(NULL AS ${stored})` : name;
    const values = valuesOf(field, column, stored);
    if (!values) throw new DifferentFiles(unfitColumn(field, file, stored));
    const isText = field.type === "string" && !isShaped(field) && storedKind(stored) === "text" && missing.length > 0;
    const sql = isText
      ? `CASE WHEN ${values.sql} NOT IN (${missing.map(literal).join(", ")}) THEN ${values.sql} END`
      : values.sql;
    return { field, text: `CAST(${column} AS VARCHAR)`, ...values, sql };
  }

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw unreadable(error);
    }
  }

  function unreadable(cause: unknown): Error {
    if (cause instanceof DifferentFiles) return cause;
    const reason = (cause as Error).message.split("\n")[0]?.replaceAll(/'?"?\/\S*\/(\d+|original)[^\s'"]*'?"?/g, path);
    return new Error(`${path} cannot be read as Parquet: ${reason}`, { cause });
  }
}

/** Returns SQL of a column's values; undefined if its type cannot be read as the field's. */
function valuesOf(
  field: RangedField,
  column: string,
  stored: string,
): Pick<SourceColumn, "sql" | "elements"> | undefined {
  if (isShaped(field)) return storedLists(field, column, stored);
  const sql = castStored(field, column, stored);
  return sql === undefined ? undefined : { sql };
}

function withoutValues(field: RangedField): SourceColumn {
  const stored = field.type === "string" ? "VARCHAR" : field.type === "datetime" ? "TIMESTAMP" : "BIGINT";
  const values = valuesOf(field, "NULL", isShaped(field) ? `${stored}[]` : stored) ?? { sql: "NULL" };
  return { field, text: "CAST(NULL AS VARCHAR)", ...values };
}

function unfitColumn(field: RangedField, { path }: DescribedFile, stored: string): string {
  const { name, type, shape = [] } = field;
  const is = `${path}: column ${name} is ${stored}, which cannot be read as ${type}`;
  if (!isShaped(field)) return `${is}: ${storeAs(field, stored)}`;
  return `${is} of shape ${dimsOf(field)}: store it as ${"lists of ".repeat(shape.length - 1)}lists of numbers or strings`;
}

const storedAs = ({ name }: RangedField, file: DescribedFile): string => columnIn(file, name)?.stored ?? "";

/** @throws DifferentFiles if the files store a column as types that cannot be mixed */
function requireMixable(field: RangedField, first: DescribedFile, other: DescribedFile): void {
  const [one, two] = [storedAs(field, first), storedAs(field, other)];
  if (canMix(one, two, field.type === "string")) return;
  throw new DifferentFiles(
    `column ${field.name} is ${one} in ${first.path} and ${two} in ${other.path}: all files in a folder must store a column with the same type`,
  );
}
