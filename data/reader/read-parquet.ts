import { isShaped } from "../field.ts";
import { castStored } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
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

/** Opens Parquet files that have the same columns. @param path of the file or the folder, named in errors */
export async function openParquet(session: Session, files: readonly ParquetFile[], path: string): Promise<OpenedFile> {
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
    async place(row) {
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
        yield* typedBatches(session, sourceOf(fields), { skip: 0, most });
      } catch (error) {
        throw unreadable(error);
      }
    },
  };

  function sourceOf(fields: readonly RangedField[]): Source {
    const common = { decimal: ".", likelyRows };
    const columns = fields.map((field) => columnOf(field, first));
    const differ = (field: RangedField) =>
      described.some((file) => storedAs(field, file) !== storedAs(field, first) || columnIn(file, field.name)?.isEmpty);
    const isOne = others.length === 0 || !described.some(hasCaseTwins);
    if (isOne && !fields.some(differ)) return { ...common, from: parquetSql([first, ...others]), columns };
    for (const field of fields) for (const file of described) requireMixable(field, first, file);
    // Each file is read with its own types and cast separately.
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

  function columnOf(field: RangedField, file: DescribedFile): SourceColumn {
    const stored = storedAs(field, file);
    const { isEmpty, sql: stands = "" } = columnIn(file, field.name) ?? {};
    const column = isEmpty ? `CAST(NULL AS ${stored})` : stands;
    const text = `CAST(${column} AS VARCHAR)`;
    if (isShaped(field)) {
      const lists = storedLists(field, column, stored);
      if (lists) return { field, text, ...lists };
      const { type, shape = [] } = field;
      throw new DifferentFiles(
        `${file.path}: column ${field.name} is ${stored}, which holds no ${type} of the shape ${dimsOf(field)}: ${"lists in ".repeat(shape.length - 1)}lists of numbers or texts are supported`,
      );
    }
    const sql = castStored(field, column, stored);
    if (sql === undefined)
      throw new DifferentFiles(`${file.path}: column ${field.name} is ${stored}, which holds no ${field.type}`);
    return { field, sql, text };
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

const storedAs = ({ name }: RangedField, file: DescribedFile): string => columnIn(file, name)?.stored ?? "";

/** @throws DifferentFiles for a column that files store as types with different values */
function requireMixable(field: RangedField, first: DescribedFile, other: DescribedFile): void {
  const [one, two] = [storedAs(field, first), storedAs(field, other)];
  if (canMix(one, two, field.type === "string")) return;
  throw new DifferentFiles(
    `column ${field.name} is ${one} in ${first.path} and ${two} in ${other.path}: all files of a folder must store a column as one type`,
  );
}
