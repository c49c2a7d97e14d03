import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field, FieldType } from "../../data/field.ts";
import { readTable } from "../../data/reader/read-table.ts";
import { stackColumns } from "../../data/stack-columns.ts";
import { denseTable, pickColumns } from "../../data/table.ts";
import { temporaryFolder } from "../fixtures/training/pinned-csv.ts";

const image = (type: FieldType = "float32", nullable = false): Field => ({
  name: "image",
  type,
  shape: [2, 2],
  nullable,
});

async function pixels(content: string, type: FieldType = "float32", nullable = false) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  const fields = (names: readonly string[]) => names.map((name): Field => ({ name, type, nullable }));
  return (await readTable(path, { fields, others: "any", verify: () => {} })).table;
}

const FILE = "p0,p1,label,p2,p3\n1,2,0,3,4\n5,6,1,7,8\n";

test("a model's tensor views the file's columns without a copy", async () => {
  const table = await pixels(FILE);
  const stacked = stackColumns(table, image());
  expect(stacked).toMatchObject({ fields: [image()], rows: 2, columns: [{ offset: 0, stride: 4 }] });
  const [[first], [column]] = [table.columns, stacked.columns];
  if (first?.kind !== "number" || column?.kind !== "number") throw new Error("columns of numbers were expected");
  expect(column.data).toBe(first.data);
  expect(column.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
});

test("missing values are NaN in nullable fields", async () => {
  const [column] = stackColumns(await pixels(FILE.replace("7", ""), "float64", true), image("float64", true)).columns;
  expect(column).toMatchObject({ data: Float64Array.of(1, 2, 3, 4, 5, 6, Number.NaN, 8) });
  const integers = await pixels(FILE.replace("7", ""), "int32", true);
  expect(() => stackColumns(integers, image("int32", true))).toThrow(
    "image must not have missing values, but column p2 has some",
  );
});

test("rejects a wrong number, type or order of columns", async () => {
  const table = await pixels(FILE);
  expect(() => stackColumns(pickColumns(table, ["p0", "p1"]), image())).toThrow(
    "image has 4 values per row (2 x 2), but there are 2 columns: p0, p1",
  );
  expect(() => stackColumns(table, image("float64"))).toThrow("image is float64, but column p0 is float32");
  expect(() => stackColumns(pickColumns(table, ["p1", "p0", "p2", "p3"]), image())).toThrow("are not row-major");
  const doubles = denseTable(table.fields, new Float64Array(8), 2);
  expect(() => stackColumns(doubles, image())).toThrow("are not row-major");
});
