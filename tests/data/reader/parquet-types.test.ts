import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import type { FieldType } from "../../../data/field.ts";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { testPython } from "../../helpers/python.ts";

/** Writes a file for each type with pyarrow, and prints what pandas reads back: numbers by their shortest digits, times in microseconds, null for a missing value. */
const WRITE = `
import datetime, decimal, json, os, random, sys
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
folder = sys.argv[1]
D = decimal.Decimal
decimal.getcontext().prec = 60
random.seed(1)
expected = {}
def printable(value):
    if isinstance(value, (list, np.ndarray)): return [printable(one) for one in value]
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value): return None
    if isinstance(value, pd.Timestamp): return str(value.value // 1000)
    if isinstance(value, datetime.date): return str((value - datetime.date(1970, 1, 1)).days * 86_400_000_000)
    if isinstance(value, (bool, np.bool_)): return str(int(value))
    if isinstance(value, D): return repr(float(value))
    if isinstance(value, np.floating): return repr(float(value))
    return str(value)
def write(name, values, **options):
    path = f"{folder}/{name}.parquet"
    pq.write_table(pa.table({"x": values, "label": [i % 2 for i in range(len(values))]}), path, **options)
    try: expected[name] = [printable(value) for value in pq.read_table(path).to_pandas(integer_object_nulls=True)["x"]]
    except Exception as error: expected[name] = str(error)
def decimals(digits, scale):
    return [D(random.choice([1, -1]) * random.randrange(10 ** random.randint(1, digits))).scaleb(-scale) for _ in range(2000)]
for digits, scale in [(9, 2), (18, 4), (18, 18), (25, 22), (38, 10), (38, 37), (38, 0)]:
    values = decimals(digits, scale)
    write(f"decimal {digits} {scale}", pa.array(values, pa.decimal128(digits, scale)))
    write(f"decimals {digits} {scale}", pa.array([[one] for one in values], pa.list_(pa.decimal128(digits, scale))))
write("decimal as integer", pa.array([D("1.25"), None], pa.decimal128(9, 2)), store_decimal_as_integer=True)
write("decimal 50 2", pa.array([D("1.5"), D("-1")], pa.decimal256(50, 2)))
write("decimals 50 2", pa.array([[D("1.5")], [D("-1")]], pa.list_(pa.decimal256(50, 2))))
write("categories", pa.array(["a", "b", None, "a"]).dictionary_encode())
write("categories of numbers", pa.array([1, 2, None, 1]).dictionary_encode())
write("date32", pa.array([datetime.date(2026, 5, 1), datetime.date(1969, 12, 31), datetime.date(9999, 12, 31), None]))
write("date64", pa.array([datetime.date(2026, 5, 1)], pa.date64()))
noon = datetime.datetime(2026, 5, 1, 12)
for unit in ["s", "ms", "us", "ns"]:
    write(f"time {unit}", pa.array([noon, None], pa.timestamp(unit)))
    write(f"zoned {unit}", pa.array([noon, None], pa.timestamp(unit)).cast(pa.timestamp(unit, "Europe/Berlin")))
write("int96", pa.array([noon.replace(microsecond=123456), datetime.datetime(1960, 1, 1), None], pa.timestamp("us")), use_deprecated_int96_timestamps=True)
for unit in ["s", "ms", "us", "ns"]:
    write(f"duration {unit}", pa.array([datetime.timedelta(seconds=90), None], pa.duration(unit)))
write("durations", pa.array([[datetime.timedelta(seconds=90)]]))
write("duration without a value", pa.array([None], pa.duration("us")))
pd.DataFrame({"x": pd.to_timedelta(["90s", None]), "label": [0, 1]}).to_parquet(f"{folder}/timedelta.parquet")
os.mkdir(f"{folder}/waits")
for part, values in [("a", pa.array([datetime.timedelta(seconds=90)])), ("b", pa.array([90]))]:
    pq.write_table(pa.table({"x": values, "label": [0]}), f"{folder}/waits/{part}.parquet")
write("booleans", pa.array([True, False, None]))
write("uint64", pa.array([2**53 + 1, 2**64 - 1, 0], pa.uint64()))
write("int64", pa.array([2**53 + 1, -2**63, None], pa.int64()))
write("float16", pa.array(np.array([1.5, -65504, 0.1, 6e-8], np.float16)))
write("float32", pa.array([0.1, 3.4028234e38, float("nan"), None], pa.float32()))
write("float64", pa.array([0.1, 1e-320, -0.0, float("nan")], pa.float64()))
write("infinite", pa.array([0.1, float("inf")]))
write("null", pa.array([None, None], pa.null()))
write("no text", pa.array([None, None], pa.string()))
write("no number", pa.array([None, None], pa.float64()))
write("bytes", pa.array([b"a", b"\\xff"]))
write("clock", pa.array([datetime.time(1, 2, 3)], pa.time64("us")))
write("texts", pa.array(["a", "", "ü", "NA"], pa.large_string()))
write("text views", pa.array(["a", "", None], pa.string_view()))
write("json", pa.array(['{"a":1}'], pa.json_()))
write("struct", pa.array([{"a": 1}]))
write("map", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())))
write("lists", pa.array([[0.1, 2.0], [3.0, 4.0]]))
write("fixed lists", pa.array([[0.1, 2.0]], pa.list_(pa.float32(), 2)))
write("nested lists", pa.array([[[1, 2], [3, 4]]]))
write("lists of halves", pa.array([np.array([0.1, 2], np.float16)], pa.list_(pa.float16())))
write("lists of whole numbers", pa.array([[2**64 - 1, 0]], pa.list_(pa.uint64())))
write("lists of texts", pa.array([["a", "b"]]))
write("lists of booleans", pa.array([[True, False]]))
write("no rows", pa.array([], pa.float64()))
for codec in ["snappy", "zstd", "gzip", "brotli", "lz4", "none"]:
    write(codec, pa.array([0.1, None, 3.0, 4.0]), compression=codec, row_group_size=1)
schema = pa.schema([("x", pa.float64()), ("label", pa.int64())])
with pq.ParquetWriter(f"{folder}/empty groups.parquet", schema) as writer:
    for values in [[], [1.5, 2.5], []]: writer.write_table(pa.table({"x": values, "label": [0] * len(values)}, schema))
expected["empty groups"] = ["1.5", "2.5"]
print(json.dumps(expected))
`;

let folder: string;
let pandas: Readonly<Record<string, readonly unknown[]>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parquet-types-"));
  const { stdout } = await promisify(execFile)(await testPython(), ["-c", WRITE, folder], { maxBuffer: 2 ** 26 });
  pandas = JSON.parse(stdout);
  return () => rm(folder, { recursive: true });
}, 120_000);

interface As {
  readonly type: FieldType;
  readonly shape?: readonly number[];
  readonly nullable?: boolean;
}

/** Rows of the column, as strings. */
async function read(name: string, { type, shape, nullable = true }: As, format?: DataFormat) {
  const fields = [{ name: "x", type, nullable, ...(shape && { shape }) }];
  const { table } = await readTable(join(folder, `${name}.parquet`), {
    fields,
    others: "none",
    format,
    verify: () => {},
  });
  const column = table.columns[0];
  const width = shape?.reduce((product, length) => product * length, 1) ?? 1;
  const at = (row: number, index: number) => {
    if (column?.kind === "text") return column.dictionary[column.codes[row * width + index] as number] ?? null;
    if (!column || column.missing?.[row]) return null;
    const value = column.data[column.offset + row * column.stride + index] as number | bigint;
    return type === "float16" ? halfOf(Number(value)) : value;
  };
  return Array.from({ length: table.rows }, (_, row) => {
    const values = Array.from({ length: width }, (_, index) => at(row, index));
    return shape ? values : values[0];
  });
}

function halfOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, bits);
  return view.getFloat16(0);
}

/** The same values in the field's type, regardless of how Python writes them. */
function asRead(value: unknown, as: As): unknown {
  const { type } = as;
  if (Array.isArray(value)) return value.flatMap((one) => asRead(one, { type }));
  if (value === null || type === "string") return value;
  if (type === "datetime" || type.endsWith("int64")) return BigInt(String(value).replace(/\.0$/, ""));
  return type === "float32" ? Math.fround(Number(value)) : Number(value);
}

const float64 = { type: "float64" } as const;
const datetime = { type: "datetime" } as const;
const string = { type: "string" } as const;

test.each<[string, As]>([
  ...["9 2", "18 4", "18 18", "25 22", "38 10", "38 37", "38 0"].flatMap((digits): [string, As][] => [
    [`decimal ${digits}`, float64],
    [`decimals ${digits}`, { ...float64, shape: [1] }],
  ]),
  ["decimal as integer", float64],
  ["categories", string],
  ["categories of numbers", { type: "int64" }],
  ...["date32", "date64", "int96", "null"].map((name): [string, As] => [name, datetime]),
  ...["s", "ms", "us", "ns"].flatMap((unit): [string, As][] => [
    [`time ${unit}`, datetime],
    [`zoned ${unit}`, datetime],
  ]),
  ["booleans", { type: "boolean" }],
  ["booleans", float64],
  ["uint64", { type: "uint64" }],
  ["uint64", string],
  ["int64", { type: "int64" }],
  ["float16", { type: "float16" }],
  ["float16", { type: "float32" }],
  ["float32", { type: "float32" }],
  ["float64", float64],
  ...["null", "no text", "no number"].map((name): [string, As] => [name, { type: "float32" }]),
  ["null", string],
  ["no text", { type: "int64" }],
  ["duration without a value", float64],
  ["no number", datetime],
  ...["texts", "text views", "json"].map((name): [string, As] => [name, string]),
  ["lists", { ...float64, shape: [2] }],
  ["fixed lists", { type: "float32", shape: [2] }],
  ["nested lists", { type: "int64", shape: [2, 2] }],
  ["lists of halves", { type: "float32", shape: [2] }],
  ["lists of whole numbers", { type: "uint64", shape: [2] }],
  ["lists of texts", { ...string, shape: [2] }],
  ["lists of booleans", { type: "boolean", shape: [2] }],
  ...["snappy", "zstd", "gzip", "brotli", "lz4", "none", "empty groups"].map((name): [string, As] => [name, float64]),
])("reads the same as pandas from %s as %j", async (name, as) => {
  expect(await read(name, as)).toEqual(pandas[name]?.map((value) => asRead(value, as)));
});

test.each<[string, As, string]>([
  [
    "decimal 50 2",
    float64,
    "decimal 50 2.parquet: column x is DECIMAL(50,2), which cannot be read as float64: decimals of more than 38 digits are not supported. Store it as double or as decimal(38, …)",
  ],
  [
    "decimals 50 2",
    { ...float64, shape: [1] },
    "column x is DECIMAL(50,2)[], which cannot be read as float64 of shape 1",
  ],
  ["uint64", { type: "int64" }, "row 2: column x must be a whole number from -2^63 to 2^63 - 1 (int64), got"],
  ["infinite", float64, 'row 2: column x must be a finite number, got "inf"'],
  ["float64", { ...float64, nullable: false }, "row 4: column x is empty: the model's signature does not make it"],
  ["no text", { ...float64, nullable: false }, "row 1: column x is empty: the model's signature does not make it"],
  [
    "texts",
    { type: "float32" },
    'column x is VARCHAR, which cannot be read as float32: store it as numbers (pandas: astype("',
  ],
  [
    "date32",
    { type: "int64" },
    'column x is DATE, which cannot be read as int64: store it as numbers (pandas: astype("int64"',
  ],
  [
    "int64",
    datetime,
    "column x is BIGINT, which cannot be read as datetime: store it as timestamps or dates (pandas: pd.to",
  ],
  ["bytes", string, "column x is BLOB, which cannot be read as string: store it as strings (pandas: astype(str))"],
  ["clock", string, "column x is TIME, which cannot be read as string: store it as strings (pandas: astype(str))"],
  ...["duration s", "duration ms", "duration us", "duration ns", "timedelta"].flatMap((name) =>
    [float64, { type: "int64" }, string, datetime].map((as): [string, As, string] => [
      name,
      as as As,
      `column x is DURATION, which cannot be read as ${as.type}: store the number that the model was trained on, such as seconds (pandas: .dt.total_seconds())`,
    ]),
  ),
  ["durations", { ...float64, shape: [1] }, "column x is DURATION[], which cannot be read as float64 of shape 1"],
  [
    "struct",
    float64,
    "column x is STRUCT(a BIGINT), which cannot be read as float64: store each of its values in its own column",
  ],
  [
    "map",
    string,
    "column x is MAP(VARCHAR, BIGINT), which cannot be read as string: store each of its values in its own column",
  ],
  [
    "lists",
    float64,
    "column x is DOUBLE[], which cannot be read as float64: the model takes one value per row. Store each",
  ],
  ["no rows", float64, "no rows.parquet has columns but no rows"],
])("rejects %s as %j, with the remedy", async (name, as, message) => {
  await expect(read(name, as)).rejects.toThrow(message);
});

test("treats the format's strings as missing values, as in CSV", async () => {
  expect(await read("texts", string, { missing: ["NA", "it's"] })).toEqual(["a", "", "ü", null]);
});

test("keeps a column of numbers with NaN as numbers, and omits wide decimals", async () => {
  const carry = (name: string) =>
    readTable(join(folder, `${name}.parquet`), { others: "any", label: { kind: "any" }, verify: () => {} });
  const { table, unfit } = await carry("float32");
  expect(table.columns[0]).toMatchObject({ kind: "number", missing: Uint8Array.of(0, 0, 1, 1) });
  expect(unfit.get("x")).toContain("row 3: column x is empty");
  const wide = await carry("decimal 50 2");
  expect(wide.table.fields.map(({ name }) => name)).not.toContain("x");
  expect(wide.unfit.get("x")).toContain("column x is DECIMAL(50,2), not numeric");
});

test("reads NaN as a missing string", async () => {
  expect(await read("float32", string)).toEqual(["0.1", "3.4028235e+38", null, null]);
  await expect(read("float64", { ...string, nullable: false })).rejects.toThrow("row 4: column x is empty");
});

test("a duration is neither a label nor a number, and does not mix with numbers in a folder", async () => {
  const path = join(folder, "duration s.parquet");
  const carried = await readTable(path, { others: "any", label: { kind: "any" }, verify: () => {} });
  expect(carried.table.fields).toEqual([]);
  expect(carried.unfit.get("x")).toContain("column x is DURATION, not numeric");
  const asLabel = readTable(path, {
    others: "none",
    format: { label: "x" },
    label: { kind: "values" },
    verify: () => {},
  });
  await expect(asLabel).rejects.toThrow("column x is DURATION, which cannot be read as float64");
  await expect(
    readTable(join(folder, "waits"), {
      fields: [{ name: "x", type: "float64", nullable: false }],
      others: "none",
      verify: () => {},
    }),
  ).rejects.toThrow(
    /column x is DURATION, which cannot be read as float64|x is DURATION in .*a\.parquet and BIGINT in .*b\.parquet/,
  );
});
