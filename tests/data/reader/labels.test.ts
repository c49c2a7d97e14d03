import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type DataFormat, parseFormat } from "../../../data/reader/data-format.ts";
import type { LabelKind } from "../../../data/reader/label-columns.ts";
import { readTable } from "../../../data/reader/read-table.ts";
import { temporaryFolder, writeParquet } from "../../fixtures/training/pinned-csv.ts";

async function read<Kind extends LabelKind>(content: string, kind: Kind, format?: DataFormat) {
  const path = join(await temporaryFolder(), "data.csv");
  await writeFile(path, content);
  return readTable(path, { others: "numbers", label: { kind }, format, verify: () => {} });
}

const csv = (labels: readonly string[]) => `a,label\n${labels.map((label, row) => `${row},${label}\n`).join("")}`;

test.each<[string, string[], (string | number | boolean)[], number[]]>([
  ["whole numbers, by value", ["10", "9", "-1", "9"], [-1, 9, 10], [2, 1, 0, 1]],
  ["whole numbers with a point, as pandas writes them beside gaps", ["1.0", "0.0", "1"], [0, 1], [1, 0, 1]],
  ["texts, by code point", ["b", "a", "Z", "ä", "𝒳", "ﬀ"], ["Z", "a", "b", "ä", "ﬀ", "𝒳"], [2, 1, 0, 3, 5, 4]],
  ["numbers and a string", ["10", "9", "x"], ["10", "9", "x"], [0, 1, 2]],
  ["truth", ["True", "false", "true"], [false, true], [1, 0, 1]],
  ["booleans and numbers", ["true", "1", "0"], ["0", "1", "true"], [2, 1, 0]],
  ["codes with leading zeros", ["007", "07"], ["007", "07"], [0, 1]],
  ["whole numbers that a double would round", ["9007199254740993", "1"], ["1", "9007199254740993"], [1, 0]],
  [
    "such numbers with a decimal point",
    ["9007199254740993.0", "9007199254740993", "9007199254740992"],
    ["9007199254740992", "9007199254740993"],
    [1, 1, 0],
  ],
  ["numbers that are not whole", ["0.5", "0.25"], ["0.25", "0.5"], [1, 0]],
])("finds the classes in a file: %s", async (_name, labels, classes, codes) => {
  const { truth, table } = await read(csv(labels), "open-classes");
  expect(truth).toEqual({ kind: "classes", classes, codes: Int32Array.from(codes) });
  expect(table.fields).toMatchObject([{ name: "a" }]);
});

test.each<[string, string, (string | number | boolean)[]]>([
  ["whole numbers", "[3, 1, 3]::BIGINT[]", [1, 3]],
  ["whole doubles", "[3, 1, 3]::DOUBLE[]", [1, 3]],
  ["booleans", "[true, false, true]", [false, true]],
  ["booleans of one value", "[true, true]", [true]],
  ["strings that look like numbers", "['10', '9', '10']", ["10", "9"]],
  ["categories", "['b', 'a']::ENUM('b', 'a')[]", ["a", "b"]],
  ["dates", "['2026-05-02', '2026-05-01']::DATE[]", ["2026-05-01", "2026-05-02"]],
])("finds the classes of a Parquet column of %s", async (_name, list, classes) => {
  const path = await writeParquet(`SELECT 1.5 AS a, unnest(${list}) AS label`);
  const { truth } = await readTable(path, { others: "numbers", label: { kind: "open-classes" }, verify: () => {} });
  expect(truth.classes).toEqual(classes);
});

test.each<[string, string[], string]>([
  ["an empty cell", ["a", "", "b"], "data.csv:3: column label is empty"],
  ["a blank cell", ["a", "  ", "b"], "data.csv:3: column label is empty"],
  ["a missing number", ["1", "0", "NaN"], 'data.csv:4: column label must be a class, got "NaN"'],
])("rejects %s among the classes of a file", async (_name, labels, message) => {
  await expect(read(csv(labels), "open-classes")).rejects.toThrow(message);
});

test("rejects NaN in a Parquet label as a missing value", async () => {
  const path = await writeParquet("SELECT 1.5 AS a, unnest(['1', '0', 'nan']::DOUBLE[]) AS label");
  await expect(
    readTable(path, { others: "numbers", label: { kind: "open-classes" }, verify: () => {} }),
  ).rejects.toThrow("row 3: column label is empty");
});

test("accepts 1,000 classes, and treats more as numbers or as a wrong column", async () => {
  const labels = (count: number, name: (row: number) => string) =>
    csv(Array.from({ length: count }, (_, r) => name(r)));
  expect((await read(labels(1_000, String), "open-classes")).truth.classes).toHaveLength(1_000);
  await expect(
    read(
      labels(1_001, (row) => `${row / 8}`),
      "open-classes",
    ),
  ).rejects.toThrow(
    "data.csv: column label looks like numbers, not classes: it has more than 1,000 distinct values, such as 0, 0.125, 0.25. For a regression set gate.task: regression",
  );
  await expect(
    read(
      labels(1_001, (row) => `C${row}`),
      "open-classes",
    ),
  ).rejects.toThrow(
    "data.csv: column label has more than 1,000 distinct values, such as C0, C1, C10: too many for classes. Name the label's column with data.label",
  );
});

test("reads the format's classes, even if a file lacks some", async () => {
  const format: DataFormat = { classes: ["low", "mid", "high"] };
  for (const kind of ["open-classes", "classes"] as const) {
    const { truth } = await read(csv(["high", "low"]), kind, format);
    expect(truth).toEqual({ kind: "classes", classes: ["low", "mid", "high"], codes: Int32Array.of(2, 0) });
  }
  await expect(read(csv(["high", "top"]), "open-classes", format)).rejects.toThrow(
    'data.csv:3: column label must be low, mid or high, got "top". Name the label\'s classes with data.classes',
  );
});

test("reads several targets as row-major doubles, separate from the features", async () => {
  const content = "y,a,z,b\n0.1,1,-2,5\n1e-320,2,3,6\n";
  const { truth, table } = await read(content, "values", { label: ["z", "y"] });
  expect(truth).toEqual({ kind: "values", targets: ["z", "y"], data: Float64Array.of(-2, 0.1, 3, 1e-320) });
  expect(table).toMatchObject({
    fields: [{ name: "a" }, { name: "b" }],
    columns: [{ data: Float64Array.of(1, 5, 2, 6), offset: 0, stride: 2 }, { offset: 1 }],
  });
  expect((await read(csv(["7", "8"]), "values")).truth).toMatchObject({
    targets: ["label"],
    data: Float64Array.of(7, 8),
  });
});

test.each<[string, string, string]>([
  ["an empty cell", "", "data.csv:3: column label is empty"],
  ["NaN", "NaN", 'data.csv:3: column label must be a finite number, got "NaN"'],
  ["infinity", "-inf", 'data.csv:3: column label must be a finite number, got "-inf"'],
  ["what overflows", "1e400", "data.csv:3: column label: 1e400 is beyond the range of float64"],
  ["a text", "high", 'data.csv:3: column label must be a finite number, got "high"'],
])("rejects %s as a value", async (_name, cell, message) => {
  await expect(read(csv(["1", cell]), "values")).rejects.toThrow(message);
});

test("does not check the label if the task is unknown", async () => {
  const { truth, table } = await read(csv(["x", ""]), "any");
  expect(truth).toBeUndefined();
  expect(table.fields).toMatchObject([{ name: "a" }]);
  expect((await read("a,b\n1,2\n", "any")).table.fields).toHaveLength(2);
});

test.each<[LabelKind, DataFormat, string]>([
  ["classes", { label: ["a", "label"] }, "data.csv: data.label names a, label, but classes must be in one column"],
  ["open-classes", { label: ["a", "label"] }, "data.label names a, label, but classes must be in one column"],
  [
    "values",
    { label: ["label", "z"] },
    'data.csv:1: there is no column "z": it has a, label. Name the label\'s column',
  ],
  ["values", { label: ["label", "a"] }, 'data.csv:1: there is no feature besides "label", "a"'],
  ["values", { ignore: ["label"] }, 'data.csv:1: there is no column "label": data.ignore drops it'],
])("rejects, as %s, the label of %j", async (kind, format, message) => {
  await expect(read(csv(["1", "0"]), kind, format)).rejects.toThrow(message);
});

test("a list of one column is equivalent to the column", async () => {
  expect((await read(csv(["1", "0"]), "classes", { label: ["label"] })).truth.codes).toEqual(Int32Array.of(1, 0));
});

test.each<[object, string]>([
  [{ label: [] }, "x.label must name at least one column"],
  [{ label: ["a", "a"] }, "x.label must not name a column twice"],
  [{ label: ["a", ""] }, "x.label.1 must be the name of a column"],
  [{ label: true }, "x.label must be the name of a column, or a list of them"],
  [{ classes: ["a"] }, "x.classes must list at least two classes"],
  [{ classes: ["a", "b", "b"] }, "x.classes must list distinct classes"],
  [{ classes: ["a", "b", "c"], positive: "a" }, "x.positive applies to two classes, but classes lists 3"],
  [{ label: ["a", "w"], weights: "w" }, "x.weights must differ from label"],
  [{ weights: "" }, "x.weights must be the name of a column"],
])("rejects the format %j", (format, message) => {
  expect(() => parseFormat(JSON.stringify(format), "x")).toThrow(message);
});

test("accepts three classes without a positive one, and columns named by numbers", () => {
  const format = { classes: [1, 2, 3], label: ["y", 2], weights: 7 };
  expect(parseFormat(JSON.stringify(format), "x")).toEqual({ ...format, label: ["y", "2"], weights: "7" });
});
