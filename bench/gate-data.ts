import { access, mkdir, statfs, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import duckdb from "@duckdb/node-bindings";
import { identityOfFile } from "../data/reader/file-identity.ts";

/** Kept between runs, because generating a million rows takes a while. */
export const BENCH_DATA = join(resolve(import.meta.dirname, ".."), "node_modules/.cache/bench-gate");

/** A number from 0 to 1 for row `i`: the same in each run, for any number of threads. */
const uniform = (column: number) => `((hash(i * 32 + ${column}) >> 11)::DOUBLE / 9007199254740992)`;
/** With few decimal places, like real measurements: the file is then smaller than its values in memory. */
const measured = (expression: string) => `round(${expression}, 3)::FLOAT`;
const oneOf = (column: number, texts: readonly string[]) =>
  `[${texts.map((text) => `'${text}'`).join(", ")}][1 + (${uniform(column)} * ${texts.length})::INT % ${texts.length}]`;

/** Writes rows for the model of bench/service/mixed: 7 float columns, one integer, one boolean, three text, and a label of 0 or 1. */
export const mixedData = (rows: number): Promise<string> =>
  pinnedOnce(
    join(BENCH_DATA, `mixed-${rows}.csv`),
    rows,
    {
      age: measured(`20 + 50 * ${uniform(0)}`),
      income: measured(`15000 + 50000 * ${uniform(1)}`),
      monthly_charge: measured(`100 * ${uniform(2)}`),
      data_used_gb: measured(`30 * ${uniform(3)}`),
      minutes_called: measured(`400 * ${uniform(4)}`),
      days_since_contact: measured(`120 * ${uniform(5)}`),
      satisfaction: measured(`4 * ${uniform(6)} - 2`),
      customer_months: `1 + (180 * ${uniform(7)})::INT`,
      has_contract: `${uniform(8)} < 0.6`,
      plan: oneOf(9, ["basic", "family", "business"]),
      region: oneOf(10, ["north", "east", "south", "west", "abroad"]),
      channel: oneOf(11, ["web", "shop", "phone", "partner"]),
      label: `(${uniform(2)} + 0.5 * ${uniform(12)} > 0.75)::INT`,
    },
    "FORMAT csv, HEADER",
  );

/**
 * Writes rows of float32 columns as Parquet.
 * @param columns their names
 * @throws Error if the disk has no room for the file and the gate's copy of it
 */
export async function largeData(folder: string, rows: number, columns: readonly string[]): Promise<string> {
  const needed = rows * columns.length * BYTES_A_CELL * 2;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed)
    throw new Error(
      `${folder} has ${gib(bavail * bsize)} GiB left: the file of ${rows} rows and the gate's copy of it need ${gib(needed)}. Set TMPDIR to another folder`,
    );
  const features = columns.map((name, column) => [name, measured(`4 * ${uniform(column)} - 2`)] as const);
  const path = join(folder, `rows-${rows}.parquet`);
  const label = `(${uniform(0)} + ${uniform(columns.length)} > 1)::TINYINT`;
  return pinnedOnce(path, rows, { ...Object.fromEntries(features), label }, "FORMAT parquet, COMPRESSION zstd");
}

/** Codes of a dictionary of 4,000 values. */
const BYTES_A_CELL = 1.7;
const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/** Writes a file with its DVC pointer, unless it exists. @param columns SQL by name */
async function pinnedOnce(
  path: string,
  rows: number,
  columns: Readonly<Record<string, string>>,
  options: string,
): Promise<string> {
  const exists = await access(`${path}.dvc`).then(
    () => true,
    () => false,
  );
  if (exists) return path;
  await mkdir(dirname(path), { recursive: true });
  const selected = Object.entries(columns).map(([name, sql]) => `${sql} AS "${name}"`);
  const database = await duckdb.open(":memory:", duckdb.create_config());
  const connection = await duckdb.connect(database);
  await duckdb.query(
    connection,
    `COPY (SELECT ${selected.join(", ")} FROM range(${rows}) t(i)) TO '${path}' (${options})`,
  );
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(database);
  const { md5, size } = await identityOfFile(path);
  await writeFile(`${path}.dvc`, `outs:\n- md5: ${md5}\n  size: ${size}\n  hash: md5\n  path: ${basename(path)}\n`);
  return path;
}
