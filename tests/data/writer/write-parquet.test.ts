import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTable } from "../../../data/reader/read-table.ts";
import type { Table } from "../../../data/table.ts";
import { writeParquet } from "../../../data/writer/write-parquet.ts";
import { testNeedingPython } from "../../helpers/test-needing.ts";

const { python, testWithPython } = await testNeedingPython();

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "write-parquet-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** More than one chunk of the database. */
const ROWS = 5_000;
const values = <Values>(make: (row: number) => Values) => Array.from({ length: ROWS }, (_, row) => make(row));
const number = (data: unknown, missing?: Uint8Array, stride = 1) =>
  ({ kind: "number", data, offset: 0, stride, ...(missing && { missing }) }) as Table["columns"][number];

const gaps = Uint8Array.from(values((row) => (row % 3 === 0 ? 1 : 0)));
const half = new Float16Array(values((row) => row / 8));
const table: Table = {
  rows: ROWS,
  fields: [
    { name: "double", type: "float64", nullable: true },
    { name: "single", type: "float32", nullable: false },
    { name: "half", type: "float16", nullable: false },
    { name: 'a "quoted" name', type: "int64", nullable: true },
    { name: "unsigned", type: "uint64", nullable: false },
    { name: "small", type: "int8", nullable: true },
    { name: "flag", type: "boolean", nullable: true },
    { name: "text", type: "string", nullable: true },
    { name: "when", type: "datetime", nullable: false },
    { name: "image", type: "float32", shape: [2, 2], nullable: false },
    { name: "words", type: "string", shape: [2], nullable: false },
  ],
  columns: [
    number(Float64Array.from(values((row) => (row % 5 === 0 ? Number.NaN : row / 3)))),
    number(Float32Array.from(values((row) => row / 7))),
    number(new Uint16Array(half.buffer)),
    number(BigInt64Array.from(values((row) => 2n ** 60n + BigInt(row))), gaps),
    number(BigUint64Array.from(values((row) => 2n ** 63n + BigInt(row)))),
    // Another type that can represent the same values.
    number(Float64Array.from(values((row) => (row % 3 === 0 ? Number.NaN : (row % 250) - 125))), gaps),
    number(Uint8Array.from(values((row) => row % 2)), gaps),
    {
      kind: "text",
      codes: Int32Array.from(values((row) => (row % 4) - 1)),
      dictionary: ["", "kurz", "a text of more than twelve bytes: ä€😀"],
    },
    number(BigInt64Array.from(values((row) => 1_700_000_000_000_001n + BigInt(row)))),
    number(
      Float32Array.from({ length: ROWS * 4 }, (_, at) => at),
      undefined,
      4,
    ),
    { kind: "text", codes: Int32Array.from({ length: ROWS * 2 }, (_, at) => at % 2), dictionary: ["left", "right"] },
  ],
};

test("reads back what it wrote, row by row", async () => {
  const path = join(folder, "own.parquet");
  await writeParquet(table, path);
  const { table: read } = await readTable(path, {
    fields: table.fields,
    others: "any",
    label: { kind: "any" },
    verify: () => {},
  });
  expect(read.rows).toBe(ROWS);
  for (const [place, field] of table.fields.entries()) {
    const found = read.columns[read.fields.findIndex(({ name }) => name === field.name)];
    for (const row of [0, 1, 2, 3, 4, 5, 2_047, 2_048, ROWS - 1])
      expect(cellsOf(found, field, row), `${field.name} ${row}`).toEqual(cellsOf(table.columns[place], field, row));
  }
});

test("rejects names that differ only in case", async () => {
  const field = { type: "float64", nullable: false } as const;
  const column = number(new Float64Array(2));
  const alike: Table = {
    rows: 2,
    columns: [column, column],
    fields: [
      { name: "Age", ...field },
      { name: "age", ...field },
    ],
  };
  await expect(writeParquet(alike, join(folder, "alike.parquet"))).rejects.toThrow("columns Age and age differ");
});

function cellsOf(column: Table["columns"][number] | undefined, field: Table["fields"][number], row: number): unknown[] {
  if (!column) return [];
  const size = (field.shape ?? []).reduce((product, dim) => product * dim, 1);
  return Array.from({ length: size }, (_, index) => {
    if (column.kind === "text") return column.dictionary[column.codes[row * size + index] as number] ?? null;
    const value = column.data[column.offset + row * column.stride + index] as number | bigint;
    const isMissing = column.missing?.[row] === 1 || Number.isNaN(value);
    if (isMissing) return null;
    return typeof value === "bigint" ? value : field.type === "float16" ? halfOf(column.data, value) : Number(value);
  });
}

/** Compares the stored bits. */
const halfOf = (data: unknown, value: number) =>
  data instanceof Uint16Array ? new Float16Array(Uint16Array.of(value).buffer)[0] : value;

testWithPython("pandas reads the types, the gaps and the names", { timeout: 60_000 }, async () => {
  const path = join(folder, "pandas.parquet");
  await writeParquet(table, path);
  const script = `
import json, sys, pandas as pd
f = pd.read_parquet(sys.argv[1])
print(json.dumps({
  "shape": list(f.shape), "types": {name: str(t) for name, t in f.dtypes.items()},
  "gaps": {name: int(n) for name, n in f.isna().sum().items()},
  "text": f["text"].iloc[[1, 2, 3]].tolist(), "when": f["when"].iloc[1].isoformat(),
  "image": [float(x) for x in f["image"].iloc[4999]], "big": str(int(f["unsigned"].iloc[4999])),
}))`;
  const { stdout } = await promisify(execFile)(python, ["-c", script, path]);
  expect(JSON.parse(stdout)).toMatchObject({
    shape: [ROWS, 11],
    types: { double: "float64", single: "float32", half: "float32", unsigned: "uint64", image: "object" },
    gaps: { double: ROWS / 5, 'a "quoted" name': 1_667, small: 1_667, flag: 1_667, text: ROWS / 4, unsigned: 0 },
    text: ["", "kurz", "a text of more than twelve bytes: ä€😀"],
    when: "2023-11-14T22:13:20.000002+00:00",
    image: [19_996, 19_997, 19_998, 19_999],
    big: String(2n ** 63n + 4_999n),
  });
});
