import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { readNames, readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

/** The same table in both formats. */
async function files(): Promise<readonly string[]> {
  const csv = join(await temporaryFolder(), "data.csv");
  await writeFile(csv, ' age, "income",size ,label\n1,2,3,0\n4,5,6,1\n'.replace(' "income"', '" income"'));
  const row = (age: number, label: number) => `(${age}, ${age + 1}, ${age + 2}, ${label})`;
  const parquet = await writeParquet(
    `SELECT * FROM (VALUES ${row(1, 0)}, ${row(4, 1)}) AS t(" age", " income", "size ", label)`,
  );
  return [csv, parquet];
}

const read = (path: string, name: string, format?: DataFormat) =>
  readTable(path, {
    fields: [{ name, type: "float32", nullable: false }],
    others: "none",
    format,
    verify: () => {},
  });

test("column names are exactly as in the file, in CSV and in Parquet", async () => {
  for (const path of await files()) {
    const { table } = await readTable(path, { others: "numbers", verify: () => {} });
    expect(table.fields.map(({ name }) => name)).toEqual([" age", " income", "size "]);
    expect((await read(path, " age")).table.columns[0]).toMatchObject({ data: Float32Array.of(1, 4) });
    await expect(read(path, "age")).rejects.toThrow(
      'there is no column age: it has " age", " income", "size ". The nearest is " age", which differs only in spaces',
    );
    await expect(read(path, " age", { label: " label" })).rejects.toThrow(
      'there is no column " label": it has " age", " income", "size ", label. The nearest is "label", which differs only in spaces. Name the',
    );
    await expect(read(path, " age", { weights: "size" })).rejects.toThrow(
      'The nearest is "size ", which differs only in spaces. Name the column of the weights with data.weights',
    );
  }
});

test("a column name may look like a missing value", async () => {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, "NA,label\n1,0\n");
  expect((await read(path, "NA", { missing: ["NA"] })).table.columns[0]).toMatchObject({ data: Float32Array.of(1) });
});

test("rejects a name of only spaces", async () => {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, " ,label\n1,0\n");
  await expect(read(path, " ")).rejects.toThrow("data.csv:1: column 1 has no name");
});

test("reads the names of a large file from its head or footer alone", async () => {
  const csv = join(await temporaryFolder(), "data.csv");
  await writeFile(csv, ` age,größe,label\n${"1,ü,0\n".repeat(300_000)}`);
  expect(await readNames(csv, undefined, true)).toEqual([" age", "größe", "label"]);
  const parquet = await writeParquet("SELECT range AS ' age', random() AS x, [1, 2] AS tags FROM range(200000)");
  expect(await readNames(parquet, undefined, true)).toEqual([" age", "x", "tags"]);
  const folder = join(await temporaryFolder(), "data");
  await mkdir(folder);
  await rename(parquet, join(folder, "part-0.parquet"));
  expect(await readNames(folder, undefined, true)).toEqual([" age", "x", "tags"]);
  expect(await readNames(folder, undefined)).toEqual([" age", "x", "tags"]);
});

test.each([
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
])("reads the header of a large file compressed with %s without decompressing the rest", async (_, compress) => {
  const path = join(await temporaryFolder(), "data.csv.compressed");
  const rows = Array.from({ length: 300_000 }, (_, row) => `${row},${row * 7919},x`).join("\n");
  const compressed = compress(`age,income,label\n${rows}\n`);
  // Truncated, so that only the beginning can be decompressed.
  await writeFile(path, compressed.subarray(0, compressed.length - 9));
  expect(await readNames(path, undefined, true)).toEqual(["age", "income", "label"]);
  await expect(readNames(path, undefined)).rejects.toThrow("cannot be decompressed");
});

test("reads the header of a large file in UTF-16", async () => {
  const path = join(await temporaryFolder(), "data.csv");
  const text = `\uFEFFage,größe,label\n${"1,2,0\n".repeat(200_000)}`;
  await writeFile(path, Buffer.from(text, "utf16le"));
  expect(await readNames(path, undefined, true)).toEqual(["age", "größe", "label"]);
  await writeFile(path, Buffer.from(text, "utf16le").swap16());
  expect(await readNames(path, undefined, true)).toEqual(["age", "größe", "label"]);
});
