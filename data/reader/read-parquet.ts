import type { DuckDBConnection } from "@duckdb/node-api";
import { castStored, storedKind } from "./cast-sql.ts";
import { identifier, literal } from "./duckdb.ts";
import type { OpenedFile } from "./opened-file.ts";
import { typedColumns } from "./typed-columns.ts";

const PANDAS_INDEX = /^__index_level_\d+__$/;

/** Opens Parquet files that have the same columns. @param path named in errors */
export async function openParquet(
  connection: DuckDBConnection,
  files: readonly string[],
  path: string,
): Promise<OpenedFile> {
  const from = `read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)`;
  const described = await attempt(() => connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`));
  const columns = described
    .getRowObjectsJson()
    .map((row) => ({ name: String(row.column_name), stored: String(row.column_type) }))
    // pandas stores a table's index among its columns; it is not data.
    .filter(({ name }) => !PANDAS_INDEX.test(name));
  const stored = await attempt(() =>
    connection.runAndReadAll(`SELECT name FROM parquet_schema(${literal(files[0] ?? "")})`),
  );
  const names = new Set(stored.getRowsJson().map(([name]) => String(name)));
  // DuckDB names the second of them otherwise.
  const renamed = columns.find(({ name }) => !names.has(name));
  if (renamed)
    throw new Error(
      `${path}: two columns have one name but for upper and lower case: ${renamed.name.replace(/_\d+$/, "")}`,
    );
  return {
    columns: columns.map(({ name, stored }) => ({ name, stored, kind: storedKind(stored) })),
    header: path,
    place: async (row) => `${path} row ${row + 1}`,
    read(fields) {
      const asked = fields.map((field) => {
        const column = identifier(field.name);
        const stored = columns.find(({ name }) => name === field.name)?.stored ?? "";
        const sql = castStored(field, column, stored);
        if (sql === undefined)
          throw new Error(`${path}: column ${field.name} is ${stored}, which holds no ${field.type}`);
        return { field, sql, text: `CAST(${column} AS VARCHAR)` };
      });
      return attempt(() => typedColumns(connection, { from, decimal: ".", columns: asked }));
    },
  };

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const reason = (cause as Error).message
        .split("\n")[0]
        ?.replaceAll(/'?"?\/\S*\/(\d+|original)[^\s'"]*'?"?/g, path);
      throw new Error(`${path} cannot be read as Parquet: ${reason}`, { cause });
    }
  }
}
