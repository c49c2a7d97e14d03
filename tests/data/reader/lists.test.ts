import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field, FieldType } from "../../../data/field.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

const field = (type: FieldType, shape: readonly number[], nullable = false): Field => ({
  name: "x",
  type,
  shape,
  nullable,
});

async function read(path: string, fields: readonly Field[]) {
  return (await readTable(path, { fields, others: "any", verify: () => {} })).table;
}

/** @param lists of the rows, in SQL */
async function parquet(lists: string, asked: Field) {
  return read(await writeParquet(`SELECT unnest(${lists}, max_depth := 1) AS x, 0 AS label`), [asked]);
}

async function csv(cells: readonly string[], asked: Field) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, `x,label\n${cells.map((cell) => `"${cell.replaceAll('"', '""')}",0\n`).join("")}`);
  return read(path, [asked]);
}

const LISTS = "[[1, 2, 3], [4, 5, 6]]";
const FLOAT16_LISTS = Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600);

test.each<[FieldType, string, unknown]>([
  ["float64", "DOUBLE[]", Float64Array.of(1, 2, 3, 4, 5, 6)],
  ["float32", "FLOAT[]", Float32Array.of(1, 2, 3, 4, 5, 6)],
  ["float32", "DOUBLE[3]", Float32Array.of(1, 2, 3, 4, 5, 6)],
  ["float32", "DECIMAL(9,2)[]", Float32Array.of(1, 2, 3, 4, 5, 6)],
  ["float16", "FLOAT[3]", FLOAT16_LISTS],
  ["int8", "TINYINT[]", Int8Array.of(1, 2, 3, 4, 5, 6)],
  ["int8", "BIGINT[3]", Int8Array.of(1, 2, 3, 4, 5, 6)],
  ["int16", "DOUBLE[]", Int16Array.of(1, 2, 3, 4, 5, 6)],
  ["int32", "INTEGER[]", Int32Array.of(1, 2, 3, 4, 5, 6)],
  ["int64", "BIGINT[]", BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
  ["int64", "UTINYINT[]", BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
  ["uint8", "UTINYINT[3]", Uint8Array.of(1, 2, 3, 4, 5, 6)],
  ["uint16", "USMALLINT[]", Uint16Array.of(1, 2, 3, 4, 5, 6)],
  ["uint32", "UINTEGER[]", Uint32Array.of(1, 2, 3, 4, 5, 6)],
  ["uint64", "UBIGINT[]", BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
])("reads %s from Parquet's %s and from CSV cells", async (type, stored, data) => {
  const asked = field(type, [3]);
  const expected = { fields: [asked], columns: [{ kind: "number", data, offset: 0, stride: 3 }], rows: 2 };
  expect(await parquet(`${LISTS}::${stored}[]`, asked)).toEqual(expected);
  expect(await csv(["[1, 2, 3]", "[4,5,6]"], asked)).toEqual(expected);
});

test("reads nested lists, arrays of arrays, and flat lists as values of a shape", async () => {
  const asked = field("float32", [2, 3]);
  const data = Float32Array.from({ length: 12 }, (_, index) => index);
  const nested = "[[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]";
  for (const stored of ["FLOAT[][]", "DOUBLE[3][2]", "INTEGER[3][]"])
    expect((await parquet(`${nested}::${stored}[]`, asked)).columns).toEqual([
      { kind: "number", data, offset: 0, stride: 6 },
    ]);
  const flat = "[[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]";
  expect((await parquet(`${flat}::FLOAT[][]`, asked)).columns).toMatchObject([{ data }]);
  expect((await csv(["[[0,1,2],[3,4,5]]", "[6,7,8,9,10,11]"], asked)).columns).toMatchObject([{ data }]);
});

test("reads strings and booleans", async () => {
  const texts = [
    { kind: "text", codes: Int32Array.of(0, 1, 1, 2), dictionary: ["a", "b", "a text that is longer than 12 bytes"] },
  ];
  const lists = "[['a', 'b'], ['b', 'a text that is longer than 12 bytes']]";
  expect((await parquet(lists, field("string", [2]))).columns).toEqual(texts);
  expect(
    (await csv(['["a", "b"]', '["b", "a text that is longer than 12 bytes"]'], field("string", [2]))).columns,
  ).toEqual(texts);
  const truth = [{ data: Uint8Array.of(1, 0) }];
  expect((await parquet("[[true, false]]", field("boolean", [2]))).columns).toMatchObject(truth);
  expect((await parquet("[[1, 0]]", field("boolean", [2]))).columns).toMatchObject(truth);
  expect((await csv(["[true, 0]"], field("boolean", [2]))).columns).toMatchObject(truth);
});

test("reads whole numbers in lists to the last digit", async () => {
  const data = BigInt64Array.of(9007199254740993n, -(2n ** 63n));
  expect((await csv(["[9007199254740993, -9223372036854775808]"], field("int64", [2]))).columns).toMatchObject([
    { data },
  ]);
  expect(
    (await parquet("[[9007199254740993, -9223372036854775808]]::BIGINT[][]", field("int64", [2]))).columns,
  ).toMatchObject([{ data }]);
});

test("a missing value is NaN in nullable floats", async () => {
  const data = Float64Array.of(1, Number.NaN, 3);
  const asked = field("float64", [3], true);
  expect((await parquet("[[1, NULL, 3]]::DOUBLE[][]", asked)).columns).toMatchObject([{ data }]);
  expect((await parquet("[[1, 'nan'::DOUBLE, 3]]", asked)).columns).toMatchObject([{ data }]);
  for (const cell of ["[1, null, 3]", "[1, NaN, 3]"])
    expect((await csv([cell], asked)).columns).toMatchObject([{ data }]);
});

test("reads other columns beside a list", async () => {
  const path = await writeParquet(
    "SELECT i::FLOAT AS a, [i, i + 1]::FLOAT[] AS x, (i * 2)::FLOAT AS b, i % 2 AS label FROM range(5000) t(i)",
  );
  const scalar = (name: string): Field => ({ name, type: "float32", nullable: false });
  const table = await read(path, [scalar("a"), scalar("b"), field("float32", [2])]);
  const [a, x, b] = table.columns;
  if (a?.kind !== "number" || x?.kind !== "number" || b?.kind !== "number") throw new Error("numbers were expected");
  expect([a.stride, x.stride, b.data === a.data]).toEqual([2, 2, true]);
  expect([...x.data.subarray(9996)]).toEqual([4998, 4999, 4999, 5000]);
});

const ROW = "[0, 1, 2]";
test.each<[string, Field, string, string, string]>([
  ["too few", field("float32", [3]), "[1, 2]", "FLOAT[]", "column x must have 3 values, got 2"],
  ["too many", field("float32", [3]), "[1, 2, 3, 4]", "FLOAT[]", "column x must have 3 values, got 4"],
  ["none", field("float32", [3]), "", "FLOAT[]", "column x must have 3 values, got none"],
  ["an empty list", field("float32", [3]), "[]", "FLOAT[]", "column x must have 3 values, got none"],
  ["no list for a nullable field", field("float32", [3], true), "", "FLOAT[]", "column x must have 3 values, got none"],
  ["a missing element", field("float32", [3]), "[1, null, 3]", "FLOAT[]", "column x[1] is missing"],
  ["a missing whole number", field("int32", [3], true), "[1, null, 3]", "INTEGER[]", "column x[1] is missing"],
  [
    "a fraction",
    field("int32", [3]),
    "[1, 2, 2.5]",
    "DOUBLE[]",
    'column x[2] must be a whole number from -2^31 to 2^31 - 1 (int32), got "2.5"',
  ],
  [
    "an element out of range",
    field("uint8", [3]),
    "[1, 256, 3]",
    "INTEGER[]",
    'column x[1] must be a whole number from 0 to 255 (uint8), got "256"',
  ],
  [
    "an element that overflows",
    field("float32", [3]),
    "[1, 1e39, 3]",
    "DOUBLE[]",
    "column x[1] is 1e+39, beyond the range of float32",
  ],
  [
    "neither true nor false",
    field("boolean", [3]),
    "[1, 2, 0]",
    "INTEGER[]",
    'column x[1] must be true or false, got "2"',
  ],
])("rejects %s", async (_name, asked, list, stored, message) => {
  const rows = `[${ROW.replace("2]", asked.type === "boolean" ? "1]" : "2]")}, ${list === "" ? "NULL" : list}]::${stored}[]`;
  await expect(parquet(rows, asked)).rejects.toThrow(`data.parquet row 2: ${message}`);
  const good = asked.type === "boolean" ? "[0, 1, 1]" : ROW;
  await expect(csv([good, list], asked)).rejects.toThrow(`data.csv:3: ${message}`);
});

test("reports the position of a wrong value in a shape", async () => {
  const asked = field("float32", [2, 2]);
  await expect(parquet("[[[1, 2], [3, NULL]]]::FLOAT[][][]", asked)).rejects.toThrow(
    "row 1: column x[1, 1] is missing",
  );
  await expect(parquet("[[[1, 2], [3, 4]], [[1, 2], [3]]]::FLOAT[][][]", asked)).rejects.toThrow(
    "row 2: column x must have the shape 2 x 2, got a list of 1 instead of 2 values",
  );
  await expect(parquet("[[[1, 2]]]::FLOAT[][][]", asked)).rejects.toThrow("got a list of 1 instead of 2 lists");
  await expect(csv(["[[1, 2, 3], [4]]"], asked)).rejects.toThrow("data.csv:2: column x has lists of the wrong length");
  await expect(csv(["[1, 2, 3]"], asked)).rejects.toThrow("column x must have 4 values (2 x 2), got 3");
});

test.each<[string, string]>([
  ["1 2 3", 'data.csv:2: column x must be a list such as [0, 1, 2], got "1 2 3"'],
  ["7", 'column x must be a list such as [0, 1, 2], got "7"'],
  ['[1, "a", 3]', 'column x[1] must be a finite number, got "a"'],
  ["[1, {}, 3]", 'column x must be a list of values, got "[1, {}, 3]"'],
])("rejects the cell %s", async (cell, message) => {
  await expect(csv([cell], field("float32", [3]))).rejects.toThrow(message);
});

test.each<[FieldType, string, string]>([
  ["float32", "'x'", "data.parquet: column x is VARCHAR, which cannot be read as float32 of shape 2 x 2"],
  ["float32", "[['x']]", "column x is VARCHAR[][], which cannot be read as float32 of shape 2 x 2"],
  ["float32", "[[[1]]]", "column x is INTEGER[][][], which cannot be read as float32 of shape 2 x 2"],
  ["datetime", "[[DATE '2026-05-01']]", "column x is DATE[][], which cannot be read as datetime of shape 2 x 2"],
])("rejects %s from the column %s", async (type, value, message) => {
  const path = await writeParquet(`SELECT ${value} AS x, 0 AS label`);
  await expect(read(path, [field(type, [2, 2])])).rejects.toThrow(message);
});
