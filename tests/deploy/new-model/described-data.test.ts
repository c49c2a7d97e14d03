import { expect, test } from "vitest";
import type { TextTable } from "../../../data/reader/read-table.ts";
import { type Chosen, describeData, type Task } from "../../../deploy/new-model/described-data.ts";

const ROWS = 60;
const table = (columns: Readonly<Record<string, (row: number) => string | null>>): TextTable => ({
  names: Object.keys(columns),
  columns: Object.values(columns).map((cell) => Array.from({ length: ROWS }, (_, row) => cell(row))),
  rows: ROWS,
});
const FEATURE = { x: (row: number) => String(row / 7) };
const describe = (label: (row: number) => string | null, task?: Task) =>
  describeData(table({ ...FEATURE, y: label }), "d.csv", "y", { task });

test("distinguishes numbers, texts, ids, excluded columns and texts that mean a missing value", () => {
  const data = table({
    customer_id: (row) => `C-${row}`,
    age: (row) => (row % 9 === 0 ? "NA" : String(row)),
    postcode: (row) => `0${1000 + (row % 5)}`,
    plan: (row) => (row % 4 === 0 ? null : "plus"),
    member: (row) => (row % 2 ? "True" : "false"),
    paperless: (row) => (row % 5 ? "true" : null),
    since: (row) => `2025-01-0${1 + (row % 4)}`,
    note: (row) => `text ${row}`,
    empty: () => null,
    churned: (row) => (row % 3 ? "no" : "yes"),
  });
  expect(describeData(data, "d.csv", "churned")).toEqual({
    label: "churned",
    task: "binary",
    classes: ["no", "yes"],
    id: "customer_id",
    ignored: [],
    missing: ["NA"],
    decimal: ".",
    unread: [],
    positive: "yes",
    numbers: ["age"],
    booleans: ["member"],
    texts: ["postcode", "plan", "paperless"],
    excluded: [
      { name: "since", why: "has dates, from which train.py can derive numbers," },
      { name: "note", why: "has 60 different texts" },
      { name: "empty", why: "has no value" },
    ],
  });
});

test.each<[string, (row: number) => string | null, string | undefined]>([
  ["1 to n in any order", (row) => String(((row * 7) % ROWS) + 1), "no"],
  ["1001 on", (row) => String(1001 + row), "no"],
  ["every second number", (row) => String(2 * row), undefined],
  ["a number twice", (row) => String(row || 1), undefined],
  ["a gap", (row) => (row ? String(row) : null), undefined],
])("a column of whole numbers in steps of 1 identifies rows: %s", (_, no, id) => {
  const data = table({ ...FEATURE, no, y: (row) => String(row % 2) });
  expect(describeData(data, "d.csv", "y").id).toBe(id);
  const named = table({ ...FEATURE, no, customer_id: (row) => `C-${row}`, y: (row) => String(row % 2) });
  const { id: chosen, numbers } = describeData(named, "d.csv", "y");
  expect([chosen, numbers.includes("no")]).toEqual(["customer_id", id === undefined]);
});

test("takes the positive class from the caller", () => {
  const data = (kinds: string) => table({ ...FEATURE, y: (row) => kinds[row % kinds.length] ?? "" });
  const positive = (kinds: string, given?: string) =>
    describeData(data(kinds), "d.csv", "y", { positive: given }).positive;
  expect([positive("jn"), positive("jn", "j"), positive("01", "0"), positive("abc")]).toEqual(["n", "j", 0, undefined]);
  expect(() => positive("jn", "y")).toThrow("--positive must be one of j, n, got y");
  expect(() => positive("abc", "a")).toThrow("--positive requires a label of two classes");
});

const withComma = (row: number) => (row / 4).toFixed(2).replace(".", ",");
test("numbers with a decimal comma are numbers, also as the label", () => {
  const data = table({ size: withComma, plan: (row) => "ab"[row % 2] ?? "", y: withComma });
  expect(describeData(data, "d.csv", "y")).toMatchObject({
    decimal: ",",
    task: "regression",
    numbers: ["size"],
    unread: [],
  });
});

test("texts such as 1,2,3 are not numbers with a comma", () => {
  const data = table({ ...FEATURE, list: (row) => `1,2,${row % 3}`, y: (row) => String(row % 2) });
  expect(describeData(data, "d.csv", "y")).toMatchObject({ decimal: ".", unread: [], texts: ["list"] });
});

test.each([
  ["other numbers have a point", (row: number) => String(row / 8), withComma, "0,00"],
  [
    "they may be thousands",
    (row: number) => String(row * 2),
    (row: number) => `${1 + (row % 9)},${100 + row}`,
    "1,100",
  ],
])("numbers with a comma are named, not read, if %s", (_, x, price, example) => {
  const data = table({ x, price, y: (row) => String(row % 2) });
  const { decimal, unread } = describeData(data, "d.csv", "y");
  expect([decimal, unread]).toEqual([".", [{ name: "price", example }]]);
});

test("takes the id and the columns to ignore from the caller", () => {
  const data = table({
    ...FEATURE,
    customer_id: (row) => `C-${row}`,
    city: (row) => `c${row % 3}`,
    y: (row) => String(row % 2),
  });
  const given = (chosen: Chosen) => describeData(data, "d.csv", "y", chosen);
  expect(given({ id: "city", ignore: ["customer_id"] })).toMatchObject({
    id: "city",
    ignored: ["customer_id"],
    numbers: ["x"],
    texts: [],
    excluded: [{ name: "customer_id", why: "is ignored (data.ignore)" }],
  });
  expect(() => given({ id: "citty" })).toThrow('d.csv has no column "citty", which --id names');
  expect(() => given({ ignore: ["z"] })).toThrow('d.csv has no column "z", which --ignore names');
  expect(() => given({ ignore: ["y"] })).toThrow('--ignore names the label "y"');
  expect(() => given({ id: "city", ignore: ["city"] })).toThrow('--id and --ignore both name "city"');
});

test.each([
  ["0 and 1", (row: number) => String(row % 2), "binary", [0, 1]],
  ["true and false", (row: number) => String(row % 2 === 0), "binary", [false, true]],
  ["three texts", (row: number) => "abc"[row % 3] ?? "", "multiclass", ["a", "b", "c"]],
  ["five whole numbers", (row: number) => String(row % 5), "multiclass", [0, 1, 2, 3, 4]],
  ["many whole numbers", (row: number) => String(row % 30), "regression", undefined],
  ["fractions", (row: number) => String((row % 5) / 2), "regression", undefined],
] as const)("a label of %s is a task", (_, label, task, classes) => {
  const data = describe(label);
  expect(data.task).toBe(task);
  expect(data.classes).toEqual(classes);
});

test.each([
  [() => "1", undefined, 'column "y" of d.csv is "1" in every row: there is nothing to predict'],
  [(row: number) => (row === 3 ? null : String(row % 2)), undefined, '1 of the 60 rows of d.csv have no "y"'],
  [
    (row: number) => "ab"[row % 2] ?? "",
    "regression",
    '--task regression requires numbers, but column "y" of d.csv has "a"',
  ],
  [
    (row: number) => "abc"[row % 3] ?? "",
    "binary",
    '--task binary requires two classes, but column "y" of d.csv has 3 different values: a, b, c',
  ],
  [(row: number) => String(row % 2), "multiclass", "--task multiclass requires more than two classes"],
  [(row: number) => `t${row}`, undefined, "has 60 different values: too many for classes"],
] as const)("refuses a label that no model can be made for (%#)", (label, task, message) => {
  expect(() => describe(label, task)).toThrow(message);
});

test("rejects a missing label, data without features, and too few rows", () => {
  const data = table({ ...FEATURE, y: (row) => String(row % 2) });
  expect(() => describeData(data, "d.csv", "z")).toThrow('d.csv has no column "z": it has x, y. Name one with --label');
  expect(() => describeData({ ...data, rows: 39 }, "d.csv", "y")).toThrow("d.csv has 39 rows: at least 40 are needed");
  expect(() => describeData(table({ y: (row) => String(row % 2) }), "d.csv", "y")).toThrow("no feature besides");
});

test("the positive class of booleans may be written as in the data", () => {
  const data = table({ ...FEATURE, y: (row) => (row % 2 ? "TRUE" : "FALSE") });
  expect(describeData(data, "d.csv", "y", { positive: "FALSE" }).positive).toBe(false);
  const texts = table({ ...FEATURE, y: (row) => (row % 2 ? "Yes" : "No") });
  expect(() => describeData(texts, "d.csv", "y", { positive: "yes" })).toThrow("--positive must be one of No, Yes");
});
