import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { Field } from "../../../data/field.ts";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { identityOfFolder } from "../../../data/reader/file-identity.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { labelledNumbers } from "../../../training/labelled-numbers.ts";
import { loadSnapshot } from "../../../training/snapshot.ts";
import { pointer, temporaryFolder } from "../../fixtures/training/pinned-csv.ts";
import { testPython } from "../../helpers/python.ts";

/** Writes each file in every way that pyarrow supports, and prints what pandas reads back. */
const WRITE = `
import datetime, decimal, json, sys
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
folder = sys.argv[1]
n = 100
frame = pd.DataFrame({"age": np.arange(18, 18 + n), "income": np.arange(n) * 0.1 + 30000.01, "größe": 170 - np.arange(n) / 7, "label": np.arange(n) % 2})
plain = pa.Table.from_pandas(frame, preserve_index=False)
def write(name, table, **options):
    table = pa.Table.from_pandas(table, preserve_index=False) if isinstance(table, pd.DataFrame) else table
    pq.write_table(table, f"{folder}/{name}.parquet", **options)
for codec in ["snappy", "zstd", "gzip", "brotli", "lz4", "none"]:
    write(codec, frame, compression=codec)
write("row groups of version 2", frame, row_group_size=37, data_page_version="2.0")
write("encodings", frame, use_dictionary=False, column_encoding={"income": "BYTE_STREAM_SPLIT", "age": "DELTA_BINARY_PACKED", "größe": "PLAIN", "label": "DELTA_BINARY_PACKED"})
write("dictionary", pa.table({"age": plain["age"].dictionary_encode(), **{name: plain[name] for name in ["income", "größe", "label"]}}))
write("nullable types", frame.astype({"age": "Int64", "income": "Float64", "label": "Int8"}))
write("unsigned", frame.astype({"age": "uint8", "label": "uint64"}))
write("boolean label", frame.astype({"label": bool}))
write("nullable boolean label", frame.astype({"label": "boolean"}))
write("label first", frame[["label", "age", "income", "größe"]])
write("categories", frame.assign(age=frame.age.astype("category")))
write("index", pa.Table.from_pandas(frame.set_index(pd.Index([f"r{i}" for i in range(n)]))))
rounded = frame.assign(income=frame.income.round(2))
write("decimals", rounded.assign(income=[decimal.Decimal(f"{value:.2f}") for value in rounded.income]))
when = pd.date_range("2026-05-01", periods=n, freq="h")
write("mixed", frame.assign(day=when.date, at=when, zoned=when.tz_localize("Europe/Berlin"), name="x", colour=pd.Categorical(["red", "blue"] * (n // 2)),
    tags=[[1, 2]] * n, gap=[None if i == 3 else 1.5 for i in range(n)], whole=pd.array([None if i == 3 else i for i in range(n)], dtype="Int64")))
write("case", pa.table({"Age": [1.0], "age": [2.0], "AGE_1": ["three"], "age_1": [[4.0, 5.0]], "label": [0]}))
write("twice", pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0]), pa.array([0])], names=["age", "age", "label"]))
print(json.dumps({"rows": frame.drop(columns="label").to_numpy().ravel().tolist(), "rounded": rounded.drop(columns="label").to_numpy().ravel().tolist(),
    "zoned": [int(at.value // 1000) for at in when.tz_localize("Europe/Berlin")[:2]], "at": [int(at.value // 1000) for at in when[:2]]}))
`;

let folder: string;
let pandas: { rows: number[]; rounded: number[]; zoned: number[]; at: number[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parquet-test-"));
  const { stdout } = await promisify(execFile)(await testPython(), ["-c", WRITE, folder]);
  pandas = JSON.parse(stdout);
  return () => rm(folder, { recursive: true });
}, 120_000);

const read = (name: string, format?: DataFormat, others: "numbers" | "any" = "numbers") =>
  readTable(join(folder, `${name}.parquet`), { others, format, verify: () => {} });

test.each([
  "snappy",
  "zstd",
  "gzip",
  "brotli",
  "lz4",
  "none",
  "row groups of version 2",
  "encodings",
  "dictionary",
  "nullable types",
  "unsigned",
  "boolean label",
  "nullable boolean label",
  "label first",
  "categories",
  "index",
  "decimals",
])("reads the same as pandas: %s", async (name) => {
  const { table, truth } = await read(name);
  expect(table.fields.map((field) => field.name)).toEqual(["age", "income", "größe"]);
  const [first] = table.columns;
  expect([...((first?.kind === "number" && first.data) || [])]).toEqual(
    name === "decimals" ? pandas.rounded : pandas.rows,
  );
  expect([...truth.codes]).toEqual(Array.from({ length: 100 }, (_, row) => row % 2));
});

test("keeps columns of any kind, and reports which are not numeric", async () => {
  const path = join(await temporaryFolder(), "mixed.parquet");
  const bytes = await readFile(join(folder, "mixed.parquet"));
  await writeFile(path, bytes);
  await writeFile(`${path}.dvc`, pointer(bytes, "mixed.parquet"));
  const snapshot = await loadSnapshot(path, { others: "any" });
  const { unfit } = snapshot;
  const { columns, features } = labelledNumbers(snapshot, ["age", "income", "größe"]);
  expect(snapshot.table.fields.map(({ name }) => name)).toEqual(expect.arrayContaining([...columns]));
  expect([...features]).toEqual(pandas.rows);
  expect([...(unfit?.keys() ?? [])].sort()).toEqual(["at", "colour", "day", "gap", "name", "tags", "whole", "zoned"]);
  expect(unfit?.get("day")).toBe(`${path}: column day contains times, not numbers`);
});

test("reads columns that differ only in case, each with its own type", async () => {
  const fields: Field[] = [
    { name: "age", type: "float32", nullable: false },
    { name: "AGE_1", type: "string", nullable: false },
    { name: "Age", type: "float64", nullable: false },
    { name: "age_1", type: "float64", nullable: false, shape: [2] },
  ];
  const path = join(folder, "case.parquet");
  const { table } = await readTable(path, { fields, others: "none", verify: () => {} });
  const cells = Object.fromEntries(
    table.fields.map(({ name }, place) => {
      const column = table.columns[place];
      return [name, column?.kind === "text" ? column.dictionary : [...((column?.data as Float64Array) ?? [])]];
    }),
  );
  expect(cells).toEqual({ age: [2], AGE_1: ["three"], Age: [1], age_1: [4, 5] });
});

test("rejects two columns with the same name, with the remedy", async () => {
  await expect(read("twice")).rejects.toThrow('twice.parquet has two columns named "age": rename one of them');
});

test("keeps every other type as it is", async () => {
  const { table, unfit } = await read("mixed", undefined, "any");
  const types = Object.fromEntries(table.fields.map(({ name, type }) => [name, type]));
  expect(types).toMatchObject({ day: "datetime", at: "datetime", zoned: "datetime", name: "string", colour: "string" });
  const column = (name: string) => table.columns[table.fields.findIndex((field) => field.name === name)];
  const times = (name: string) => {
    const found = column(name);
    if (found?.kind !== "number") throw new Error(`${name} is ${found?.kind}`);
    return [0, 1].map((row) => Number(found.data[found.offset + row * found.stride]));
  };
  expect([times("at"), times("zoned")]).toEqual([pandas.at, pandas.zoned]);
  expect(column("colour")).toMatchObject({ dictionary: ["red", "blue"] });
  expect(types).not.toHaveProperty("tags");
  expect(unfit.get("tags")).toContain("column tags is ");
  expect(unfit.get("gap")).toContain("mixed.parquet row 4: column gap ");
  expect(unfit.get("whole")).toContain("mixed.parquet row 4: column whole is empty");
  await expect(read("mixed")).rejects.toThrow("column day is DATE, not numeric. Drop it with data.ignore");
});

test("reads whole numbers, strings and times exactly in the fields' types", async () => {
  const fields = [
    { name: "whole", type: "int64", nullable: true },
    { name: "age", type: "int8", nullable: false },
    { name: "zoned", type: "datetime", nullable: false },
  ] as const;
  const { table } = await readTable(join(folder, "mixed.parquet"), { fields, others: "any", verify: () => {} });
  const whole = table.columns[table.fields.findIndex(({ name }) => name === "whole")];
  expect(whole).toMatchObject({
    kind: "number",
    missing: Uint8Array.from({ length: 100 }, (_, row) => Number(row === 3)),
  });
  await expect(
    readTable(join(folder, "mixed.parquet"), {
      fields: [{ name: "name", type: "int8", nullable: false }],
      others: "any",
      verify: () => {},
    }),
  ).rejects.toThrow("mixed.parquet: column name is VARCHAR, which cannot be read as int8");
});

test("reads a folder tracked by DVC, its files sorted by name", async () => {
  const data = join(await temporaryFolder(), "data [*]'s");
  const files = ["part-1.parquet", "sub/part-0.parquet", "_SUCCESS"];
  await mkdir(join(data, "sub"), { recursive: true });
  for (const file of files)
    await writeFile(join(data, file), file === "_SUCCESS" ? "" : await readFile(join(folder, "zstd.parquet")));
  const listed = await Promise.all(
    files.map(async (path) => {
      const bytes = await readFile(join(data, path));
      return { path, md5: createHash("md5").update(bytes).digest("hex"), size: bytes.length };
    }),
  );
  const { md5, size } = identityOfFolder(listed);
  await writeFile(`${data}.dvc`, `outs:\n- md5: ${md5}\n  size: ${size}\n  nfiles: 3\n  hash: md5\n  path: data\n`);
  const snapshot = await loadSnapshot(data);
  expect([...labelledNumbers(snapshot).features]).toEqual([...pandas.rows, ...pandas.rows]);
  expect(snapshot.md5).toBe(md5);
  // A renamed file changes the folder's identity.
  await rename(join(data, "part-1.parquet"), join(data, "part-2.parquet"));
  await expect(loadSnapshot(data)).rejects.toThrow(`is not the data that ${data}.dvc pins`);
});

test("computes a folder's identity as DVC 3 does", () => {
  // As `dvc add` computed it for these six files, each of which contains a digit.
  const files = [
    ["part/x.parquet", "b026324c6904b2a9cb4b88d6d61c81d1", 2],
    ["part.parquet", "26ab0db90d72e28ad0ba1e22ee510510", 2],
    ["part-1.parquet", "6d7fce9fee471194aa8b5b6e47267f03", 2],
    ["𝒳.parquet", "48a24b70a0b376535542b996af517398", 2],
    ["ﬀ.parquet", "1dcca23355272056f04fe8bf20edfce0", 2],
    ["del\u007f.parquet", "1679091c5a880faf6fb5e6087eb1b2dc", 1],
  ] as const;
  expect(identityOfFolder(files.map(([path, md5, size]) => ({ path, md5, size })))).toEqual({
    md5: "650dd93eb5531551f19ec1fd8477f77f.dir",
    size: 11,
  });
});

test("reads a Parquet file with any name, and rejects another file named .parquet", async () => {
  const place = await temporaryFolder();
  await writeFile(join(place, "UPPER.PARQUET"), await readFile(join(folder, "zstd.parquet")));
  await writeFile(join(place, "data"), await readFile(join(folder, "zstd.parquet")));
  for (const name of ["UPPER.PARQUET", "data"])
    expect((await readTable(join(place, name), { others: "numbers", verify: () => {} })).table.rows).toBe(100);
  await writeFile(join(place, "text.parquet"), "a,label\n1,0\n");
  await expect(readTable(join(place, "text.parquet"), { others: "numbers", verify: () => {} })).rejects.toThrow(
    "text.parquet cannot be read as Parquet: it does not begin with Parquet's magic bytes",
  );
  await expect(
    readTable(dirname(join(place, "text.parquet")), { others: "numbers", verify: () => {} }),
  ).rejects.toThrow("cannot be read as Parquet");
});
