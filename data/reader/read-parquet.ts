import { isShaped } from "../field.ts";
import { castStored, storedKind } from "./cast-sql.ts";
import type { RangedField } from "./column-types.ts";
import { identifier, literal, type Session } from "./duckdb.ts";
import { dimsOf, storedLists } from "./list-elements.ts";
import type { OpenedFile } from "./opened-file.ts";
import { type SourceColumn, typedBatches } from "./typed-columns.ts";

const PANDAS_INDEX = /^__index_level_\d+__$/;

/** Opens Parquet files that have the same columns. @param path named in errors */
export async function openParquet(session: Session, files: readonly string[], path: string): Promise<OpenedFile> {
  const from = `read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)`;
  const described = await attempt(() =>
    session.texts(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`),
  );
  const columns = described
    .map(([name, stored]) => ({ name: String(name), stored: String(stored) }))
    // pandas stores a table's index among its columns; it is not data.
    .filter(({ name }) => !PANDAS_INDEX.test(name));
  const stored = await attempt(() => session.texts(`SELECT name FROM parquet_schema(${literal(files[0] ?? "")})`));
  const counted = await attempt(() =>
    session.texts(`SELECT sum(num_rows) FROM parquet_file_metadata([${files.map(literal).join(", ")}])`),
  );
  const likelyRows = Number(counted[0]?.[0] ?? 0);
  const names = new Set(stored.map(([name]) => name));
  // DuckDB names the second of them otherwise.
  const renamed = columns.find(({ name }) => !names.has(name));
  if (renamed)
    throw new Error(
      `${path}: two columns have one name but for upper and lower case: ${renamed.name.replace(/_\d+$/, "")}`,
    );
  return {
    columns: columns.map(({ name, stored }) => ({ name, stored, kind: storedKind(stored) })),
    header: path,
    likelyRows,
    place: async (row) => `${path} row ${row + 1}`,
    async *read(fields, most) {
      const source = { from, decimal: ".", columns: fields.map(columnOf), likelyRows };
      const batches = typedBatches(session, source, { skip: 0, most });
      try {
        yield* batches;
      } catch (error) {
        throw unreadable(error);
      }
    },
  };

  function columnOf(field: RangedField): SourceColumn {
    const column = identifier(field.name);
    const stored = columns.find(({ name }) => name === field.name)?.stored ?? "";
    const text = `CAST(${column} AS VARCHAR)`;
    if (isShaped(field)) {
      const lists = storedLists(field, column, stored);
      if (lists) return { field, text, ...lists };
      const { type, shape = [] } = field;
      throw new Error(
        `${path}: column ${field.name} is ${stored}, which holds no ${type} of the shape ${dimsOf(field)}: ${"lists in ".repeat(shape.length - 1)}lists of numbers or texts are supported`,
      );
    }
    const sql = castStored(field, column, stored);
    if (sql === undefined) throw new Error(`${path}: column ${field.name} is ${stored}, which holds no ${field.type}`);
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
    const reason = (cause as Error).message.split("\n")[0]?.replaceAll(/'?"?\/\S*\/(\d+|original)[^\s'"]*'?"?/g, path);
    return new Error(`${path} cannot be read as Parquet: ${reason}`, { cause });
  }
}
