import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Field, FieldType } from "../../../data/field.ts";
import type { DataFormat } from "../../../data/reader/data-format.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder } from "../../fixtures/training/pinned-csv.ts";

async function read(content: string, fields: readonly Field[], format?: DataFormat) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  return readTable(path, { fields, others: "any", format, verify: () => {} });
}

const field = (type: FieldType, nullable = false): Field => ({ name: "x", type, nullable });
const column = (cells: readonly string[]) =>
  `x,label\n${cells.map((cell) => `${cell.includes(",") ? `"${cell}"` : cell},0\n`).join("")}`;

async function values(type: FieldType, cells: readonly string[]) {
  const { table } = await read(column(cells), [field(type)]);
  const [found] = table.columns;
  if (found?.kind === "text") return [...found.codes].map((code) => found.dictionary[code]);
  if (!found) throw new Error("no column");
  return Array.from({ length: table.rows }, (_, row) => found.data[found.offset + row * found.stride]);
}

test.each<[FieldType, string[], unknown[]]>([
  ["string", ["007", "7", " a", "007"], ["007", "7", " a", "007"]],
  ["int64", ["9007199254740993", "-9223372036854775808", "3.0"], [9007199254740993n, -(2n ** 63n), 3n]],
  ["uint64", ["18446744073709551615", "0"], [2n ** 64n - 1n, 0n]],
  ["int8", ["-128", "127", "5.0"], [-128, 127, 5]],
  ["uint16", ["65535"], [65535]],
  ["boolean", ["True", "false", "1", "0"], [1, 0, 1, 0]],
  ["datetime", ["2026-05-01", "2026-05-01T02:00:00+02:00"], [1777593600000000n, 1777593600000000n]],
  ["float64", ["0.1", "1e-320", "1234567890123456789.5", "-0.0"], [0.1, 1e-320, Number("1234567890123456789.5"), -0]],
  ["float32", ["0.1", "3.4028234e38"], [Math.fround(0.1), Math.fround(3.4028234e38)]],
  ["float16", ["1.5", "-65504"], [0x3e00, 0xfbff]],
])("reads %s exactly in the field's type", async (type, cells, expected) => {
  expect(await values(type, cells)).toEqual(expected);
});

test("reads each time by its own zone, independent of other cells", async () => {
  const noon = 1_709_294_400_000_000n;
  const hour = 3_600_000_000n;
  const cells = [
    "2024-03-01 12:00:00",
    "2024-03-01 12:00:00-05:30",
    "2024-03-01 12:00:00 UTC",
    "2024-03-01T12:00:00Z",
    "2024-03-01 12:00:00+02",
    "2024-03-01 12:00:00",
    "2024-03-01",
  ];
  const offsets = [0n, (11n * hour) / 2n, 0n, 0n, -2n * hour, 0n, -12n * hour];
  expect(await values("datetime", cells)).toEqual(offsets.map((offset) => noon + offset));
});

test.each<[FieldType, string, string]>([
  ["int8", "128", 'data.csv:3: column x must be a whole number from -128 to 127 (int8), got "128"'],
  ["int64", "1.5", 'must be a whole number from -2^63 to 2^63 - 1 (int64), got "1.5"'],
  ["int64", "9223372036854775808", "must be a whole number"],
  ["int32", "1_000", 'got "1_000"'],
  ["int64", "0x10", 'got "0x10"'],
  ["uint8", "-1", "must be a whole number from 0 to 255 (uint8)"],
  ["boolean", "yes", 'must be true or false, got "yes"'],
  ["datetime", "01/02/2026", "must be a date, such as 2026-05-01"],
  [
    "datetime",
    "2024-03-01 12:00:00 Europe/Berlin",
    'data.csv:3: column x must be a date, such as 2026-05-01 or 2026-05-01T12:00:00Z, got "2024-03-01 12:00:00 Europe/Berlin": time zone names are not supported. Write the offset, such as +01:00',
  ],
  ["datetime", "2024-03-01 12:00:00 CET", "Write the offset, such as +01:00"],
  ["datetime", "infinity", 'got "infinity"'],
  ["float64", "1e400", "column x: 1e400 is beyond the range of float64"],
  [
    "float32",
    "0,18905",
    'column x must be a finite number, got "0,18905". If the file has decimal commas, set data.csv.decimal to ","',
  ],
  ["float32", "1e39", "column x: 1e39 is beyond the range of float32"],
  [
    "float32",
    "1,234",
    'got "1,234". If the file has decimal commas, set data.csv.decimal to ","; if the commas separate thousands, remove them',
  ],
  ["float32", "24,729.08", 'got "24,729.08". Write numbers without thousands separators'],
  ["float32", "NA", 'got "NA". If it means a missing value, list it in data.missing'],
  ["int64", "null", 'got "null". If it means a missing value, list it in data.missing'],
  [
    "float64",
    "",
    "column x is empty: the model's signature does not make it optional. Fill the gap, remove the row, or log the model with infer_signature on rows that lack a value",
  ],
  ["string", "", "column x is empty"],
])("rejects, as %s, the cell %j", async (type, cell, message) => {
  const good = { string: "a", boolean: "true", datetime: "2026-01-01" }[type as string] ?? "1";
  await expect(read(column([good, cell]), [field(type)])).rejects.toThrow(message);
});

test("marks missing values of nullable fields", async () => {
  const fields: Field[] = [
    { name: "n", type: "float64", nullable: true },
    { name: "i", type: "int64", nullable: true },
    { name: "s", type: "string", nullable: true },
  ];
  const { table } = await read("n,i,s,label\n1.5,2,a,0\n,NA,?,1\nNaN,3,b,0\n", fields, { missing: ["NA", "?"] });
  const [n, i, s] = table.columns;
  expect(n).toMatchObject({ missing: Uint8Array.of(0, 1, 1) });
  expect(i).toMatchObject({ missing: Uint8Array.of(0, 1, 0), data: BigInt64Array.of(2n, 0n, 3n) });
  expect(s).toMatchObject({ codes: Int32Array.of(0, -1, 1), dictionary: ["a", "b"] });
  await expect(read("n,label\n1,0\nx,0\n", [{ name: "n", type: "float64", nullable: true }])).rejects.toThrow(
    'data.csv:3: column n must be a finite number, got "x"',
  );
});

test("keeps additional columns with their own types, and reports which are not numeric", async () => {
  const { table, unfit } = await read("id,x,note,gap,label\nC1,1,7,1,0\nC2,2,x,,1\n", [field("float32")]);
  expect(table.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    "id string",
    "x float32",
    "note string",
    "gap float64",
  ]);
  expect([...unfit.values()].map((reason) => reason.split("/").at(-1))).toEqual([
    'data.csv:2: column id must be a finite number, got "C1"',
    'data.csv:3: column note must be a finite number, got "x"',
    "data.csv:3: column gap is empty",
  ]);
});

test("drops ignored columns, and requires those of the model", async () => {
  const { table } = await read("id,x,label\nC1,1,0\n", [], { ignore: ["id"] });
  expect(table.fields).toMatchObject([{ name: "x" }]);
  await expect(read("id,label\nC1,0\n", [field("int8")])).rejects.toThrow("data.csv:1: there is no column x");
});

test("parses decimals as JavaScript does, to the last bit", async () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const cells = Array.from(
    { length: 20_000 },
    () => `${random() > 0.5 ? "-" : ""}${random()}${Math.floor(random() * 1e9)}e${Math.floor(random() * 60) - 30}`,
  );
  expect(await values("float64", cells)).toEqual(cells.map(Number));
});
