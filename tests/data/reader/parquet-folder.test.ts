import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Field, FieldType } from "../../../data/field.ts";
import { readTable, streamTable } from "../../../data/reader/read-table.ts";
import type { Table } from "../../../data/table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";
import { testPython } from "../../helpers/python.ts";

/** Creates a folder with one file per query. */
async function folderOf(...queries: readonly string[]): Promise<string> {
  const folder = join(await temporaryFolder(), "data");
  await mkdir(folder);
  for (const [index, query] of queries.entries())
    await copyFile(await writeParquet(query), join(folder, `${"abc"[index]}.parquet`));
  return folder;
}

const columnOf = (...cells: readonly string[]) => cells.map((cell) => `SELECT ${cell} AS x, 0 AS label`);
const field = (type: FieldType): Field => ({ name: "x", type, nullable: false });

async function values(folder: string, type: FieldType) {
  const { table } = await readTable(folder, { fields: [field(type)], others: "none", verify: () => {} });
  return valuesOf(table, 0);
}

function valuesOf(table: Table, index: number) {
  const column = table.columns[index];
  if (column?.kind === "text") return [...column.codes].map((code) => column.dictionary[code]);
  return Array.from({ length: table.rows }, (_, row) => column?.data[column.offset + row * column.stride]);
}

test.each<[string, FieldType, string[], unknown[]]>([
  ["int64, double", "float64", ["7::BIGINT", "2.5::DOUBLE"], [7, 2.5]],
  ["float, double", "float64", ["0.5::FLOAT", "0.1::DOUBLE"], [0.5, 0.1]],
  ["decimals", "float64", ["1.5::DECIMAL(3,1)", "1.2345::DECIMAL(9,4)"], [1.5, 1.2345]],
  ["int8, int64", "int64", ["7::TINYINT", "9007199254740993::BIGINT"], [7n, 9007199254740993n]],
  ["int32, int64 as texts", "string", ["7::INTEGER", "9007199254740993::BIGINT"], ["7", "9007199254740993"]],
  [
    "date, timestamp",
    "datetime",
    ["DATE '1970-01-02'", "TIMESTAMP '1970-01-01 00:00:01.5'"],
    [86_400_000_000n, 1_500_000n],
  ],
])("reads each file of a folder with its own types: %s", async (_, type, cells, expected) => {
  expect(await values(await folderOf(...columnOf(...cells)), type)).toEqual(expected);
});

test.each<[FieldType, string, string, string, string]>([
  ["string", "7::BIGINT", "'007'", "BIGINT", "VARCHAR"],
  ["string", "0.1::FLOAT", "0.1::DOUBLE", "FLOAT", "DOUBLE"],
  ["string", "DATE '2026-01-01'", "TIMESTAMP '2026-01-01'", "DATE", "TIMESTAMP"],
  ["float64", "true", "7.5::DOUBLE", "BOOLEAN", "DOUBLE"],
  ["float64", "1.5::DOUBLE", "'n/a'", "DOUBLE", "VARCHAR"],
  ["datetime", "TIMESTAMP '2026-01-01'", "TIMESTAMPTZ '2026-01-01'", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"],
])("rejects files that store a column of %s as %s and %s", async (type, one, other, first, second) => {
  const folder = await folderOf(...columnOf(one, other));
  await expect(values(folder, type)).rejects.toThrow(
    `column x is ${first} in ${folder}/a.parquet and ${second} in ${folder}/b.parquet: all files in a folder must store a column with the same type`,
  );
});

test("reads columns that differ only in case by position, in each file", async () => {
  // DuckDB cannot write such a file.
  const write = `
import sys, pyarrow as pa, pyarrow.parquet as pq
pq.write_table(pa.table({"x": [1.5], "X": [10.5], "label": [0]}), sys.argv[1] + "/a.parquet")
pq.write_table(pa.table({"X": [20.5], "label": [1], "x": [2.5]}), sys.argv[1] + "/b.parquet")`;
  const folder = join(await temporaryFolder(), "data");
  await mkdir(folder);
  await promisify(execFile)(await testPython(), ["-c", write, folder]);
  const fields = ["x", "X"].map((name): Field => ({ name, type: "float64", nullable: false }));
  const { table, truth } = await readTable(folder, { fields, others: "none", verify: () => {} });
  const cells = new Map(table.fields.map(({ name }, index) => [name, valuesOf(table, index)]));
  expect(cells).toEqual(new Map(Object.entries({ x: [1.5, 2.5], X: [10.5, 20.5] })));
  expect([...truth.codes]).toEqual([0, 1]);
}, 60_000);

test("rejects a folder whose files store the label with two types", async () => {
  const folder = await folderOf("SELECT 1 AS x, 1::BIGINT AS label", "SELECT 1 AS x, 1.5::DOUBLE AS label");
  await expect(readTable(folder, { others: "any", label: { kind: "open-classes" }, verify: () => {} })).rejects.toThrow(
    `column label is BIGINT in ${folder}/a.parquet and DOUBLE in ${folder}/b.parquet`,
  );
  const targets = await readTable(folder, { others: "any", label: { kind: "values" }, verify: () => {} });
  expect([...targets.truth.data]).toEqual([1, 1.5]);
});

test("names the file that lacks a column, by exact case", async () => {
  const lower = await folderOf("SELECT 1 AS x, 0 AS label", "SELECT 1 AS X, 0 AS label");
  await expect(values(lower, "float64")).rejects.toThrow(
    `${lower}/b.parquet: there is no column "x", which ${lower}/a.parquet has: it has X, label. The nearest is "X". All files`,
  );
  const more = await folderOf("SELECT 0 AS label, 1 AS x", "SELECT 0 AS label, 1 AS x, 2 AS y");
  await expect(values(more, "float64")).rejects.toThrow(
    `${more}/a.parquet: there is no column "y", which ${more}/b.parquet has: it has label, x`,
  );
});

test("names the file and the row of a cell that cannot be cast", async () => {
  const folder = await folderOf(...columnOf("7::BIGINT", "2.5::DOUBLE"));
  await expect(values(folder, "int64")).rejects.toThrow(`${folder}/b.parquet row 1: column x must be a whole number`);
});

test("keeps the order of rows, with reordered columns and with many rows", async () => {
  const folder = await folderOf(
    "SELECT i::INTEGER AS x, 0 AS label FROM range(300000) t(i)",
    "SELECT 0 AS label, (300000 + i)::BIGINT AS x FROM range(300000) t(i)",
    "SELECT (600000 + i)::DOUBLE AS x, 0 AS label FROM range(10) t(i)",
  );
  let next = 0;
  const { rows } = await streamTable(
    folder,
    { fields: [field("int64")], others: "none", verify: () => {}, batchRows: 70_000 },
    ({ table }) => {
      const [column] = table.columns;
      if (column?.kind !== "number") throw new Error("not numbers");
      for (let row = 0; row < table.rows; row++, next++)
        if (Number(column.data[column.offset + row * column.stride]) !== next) throw new Error(`row ${next}`);
    },
  );
  expect([rows, next]).toEqual([600_010, 600_010]);
});

test.each<[FieldType, string[], unknown[]]>([
  ["string", ["'007'", "NULL::INTEGER"], ["007", undefined]],
  ["string", ["NULL::INTEGER", "'007'"], [undefined, "007"]],
  ["datetime", ["NULL::INTEGER", "DATE '1970-01-02'"], [0n, 86_400_000_000n]],
  ["float64", ["NULL::VARCHAR", "1.5"], [Number.NaN, 1.5]],
])("accepts a column of %s without values in a file, whatever its stored type: %j", async (type, cells, expected) => {
  const folder = await folderOf(...columnOf(...cells));
  const { table } = await readTable(folder, {
    fields: [{ ...field(type), nullable: true }],
    others: "none",
    verify: () => {},
  });
  const [column] = table.columns;
  const found =
    column?.kind === "text"
      ? [...column.codes].map((code) => column.dictionary[code])
      : Array.from({ length: table.rows }, (_, row) => column?.data[column.offset + row * column.stride]);
  expect(found).toEqual(expected);
});
